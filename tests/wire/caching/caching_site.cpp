#include "tests/wire/caching/caching_site.hpp"

#include <algorithm>
#include <ctime>

namespace proxy {
namespace {

constexpr std::string_view end_of_head = "\r\n\r\n";

void add_lines(std::string& text, const field_lines& lines)
{
    for (const std::string& line : lines) {
        text.append(line).append("\r\n");
    }
}

bool has_line(const field_lines& lines, std::string_view name)
{
    return std::any_of(lines.begin(), lines.end(), [name](const std::string& line) {
        return line.size() > name.size() && line.starts_with(name) && line[name.size()] == ':';
    });
}

// "bytes=2-5" or "bytes=2-"; what an honest origin makes of it.
origin_answer cut(origin_answer answer, std::string_view head)
{
    const std::string range = support::field_in(head, "Range");
    const std::string condition = support::field_in(head, "If-Range");
    const bool holds = condition.empty() || std::find(answer.fields.begin(),
                                                answer.fields.end(),
                                                "ETag: " + condition) != answer.fields.end();
    constexpr std::string_view unit = "bytes=";
    if (!answer.has_ranges || !holds || !range.starts_with(unit)) {
        return answer;
    }
    const std::size_t dash = range.find('-');
    const std::size_t whole = answer.body.size();
    const std::size_t first = std::stoul(range.substr(unit.size(), dash - unit.size()));
    const std::string end = range.substr(dash + 1);
    const std::size_t last = end.empty() ? whole - 1 : std::min(whole - 1, std::stoul(end));
    if (first >= whole) {
        answer.status = 416;
        answer.fields = {"Content-Range: bytes */" + std::to_string(whole)};
        answer.body.clear();
        return answer;
    }
    answer.status = 206;
    answer.fields.push_back("Content-Range: bytes " + std::to_string(first) + "-" +
                            std::to_string(last) + "/" + std::to_string(whole));
    answer.body = answer.body.substr(first, last - first + 1);
    return answer;
}

std::string text_of(const origin_answer& answer, std::string_view method)
{
    std::string text = answer.interim;
    text.append("HTTP/1.1 ").append(std::to_string(answer.status)).append(" Whatever\r\n");
    add_lines(text, answer.fields);
    if (!has_line(answer.fields, "Date")) {
        text.append("Date: ").append(http_date(std::chrono::seconds{0})).append("\r\n");
    }
    const bool no_content = answer.status == 204 || answer.status == 304;
    if (!no_content) {
        text.append("Content-Length: ").append(std::to_string(answer.body.size())).append("\r\n");
    }
    text.append("\r\n");
    if (!no_content && method != "HEAD") {
        text.append(answer.body);
    }
    return text;
}

}  // namespace

std::string_view name_of(caching_mode mode)
{
    switch (mode) {
    case caching_mode::reverse: return "Reverse";
    case caching_mode::forward: return "Forward";
    case caching_mode::coralized: break;
    }
    return "Coralized";
}

void PrintTo(caching_mode mode, std::ostream* out)
{
    *out << name_of(mode);
}

std::string http_date(std::chrono::seconds from_now)
{
    const std::time_t then =
        std::chrono::system_clock::to_time_t(std::chrono::system_clock::now() + from_now);
    std::tm parts{};
    gmtime_r(&then, &parts);
    std::string text(40, '\0');
    text.resize(std::strftime(text.data(), text.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts));
    return text;
}

CachingTest::CachingTest()
    : origin_([this](std::string_view received) { return respond(received); })
{
    support::atoll_peer_options options;
    options.directory = directory_.path() / "peer";
    options.use_peers = false;
    options.more_arguments = {"--allow-purge", "127.0.0.1/32"};
    if (mode() == caching_mode::reverse) {
        options.more_arguments.insert(
            options.more_arguments.end(), {"--origin", "http://" + origin_.authority()});
    }
    peer_ = std::make_unique<support::atoll_peer>(options);
    client_ = std::make_unique<support::http_client>(peer_->client());
}

std::string CachingTest::new_page()
{
    return "/page" + std::to_string(++names_);
}

void CachingTest::will_answer(const std::string& path, std::vector<origin_answer> answers)
{
    const std::lock_guard lock(mutex_);
    std::deque<origin_answer>& queue = pages_[path].answers;
    queue.clear();
    for (origin_answer& answer : answers) {
        if (answer.body.empty() && !answer.without_body) {
            answer.body = "body " + std::to_string(++bodies_);
        }
        queue.push_back(std::move(answer));
    }
}

std::optional<support::raw_answer> CachingTest::respond(std::string_view received)
{
    if (!support::is_whole_request(received)) {
        return std::nullopt;
    }
    const std::size_t first_blank = received.find(' ');
    const std::string_view method = received.substr(0, first_blank);
    const std::size_t second_blank = received.find(' ', first_blank + 1);
    const std::string path(received.substr(first_blank + 1, second_blank - first_blank - 1));
    const std::lock_guard lock(mutex_);
    page& asked = pages_[path];
    asked.heads.emplace_back(received.substr(0, received.find(end_of_head) + 2));
    if (asked.answers.empty()) {
        return support::raw_answer{"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"};
    }
    const origin_answer answer = cut(asked.answers.front(), asked.heads.back());
    if (asked.answers.size() > 1) {
        asked.answers.pop_front();
    }
    if (answer.breaks_off) {
        return support::raw_answer{"", support::raw_answer::then::close};
    }
    return support::raw_answer{text_of(answer, method)};
}

support::http_request CachingTest::written(const page_request& request) const
{
    support::http_request text;
    switch (mode()) {
    case caching_mode::reverse:
        text.target = request.path;
        text.fields.emplace_back("Host", "127.0.0.1");
        break;
    case caching_mode::forward:
        text = support::forward_request(origin_.authority(), request.path);
        break;
    case caching_mode::coralized:
        text = support::coralized_request(origin_.authority(), request.path, peer_->client());
        break;
    }
    text.method = request.method;
    for (const std::string& line : request.fields) {
        const std::size_t colon = line.find(':');
        text.fields.emplace_back(line.substr(0, colon), line.substr(colon + 2));
    }
    if (!request.body.empty()) {
        text.fields.emplace_back("Content-Length", std::to_string(request.body.size()));
        text.body = request.body;
    }
    return text;
}

support::http_response CachingTest::ask(const page_request& request)
{
    const std::size_t before = times_asked(request.path);
    const support::http_client::result answer = client_->exchange(written(request));
    if (!answer) {
        ADD_FAILURE() << request.path << ": " << answer.error().message();
        return {};
    }
    const std::string said = answer->field("Cache-Status");
    const bool is_hit = said.find(";hit") != std::string::npos;
    const bool is_forwarded = said.find(";fwd=") != std::string::npos;
    EXPECT_TRUE(said.starts_with("atoll-")) << said;
    EXPECT_EQ(said.find(','), std::string::npos) << said;
    EXPECT_FALSE(is_hit && is_forwarded) << said;
    const bool asked = times_asked(request.path) != before;
    // Behind a stale answer the origin is asked for those to come.
    const bool refreshes = said.find("/stale-while-revalidate") != std::string::npos;
    EXPECT_FALSE(is_hit && asked && !refreshes) << said;
    const bool is_collapsed = said.find(";collapsed") != std::string::npos;
    EXPECT_FALSE(is_forwarded && !asked && !is_collapsed) << said;
    return *answer;
}

std::size_t CachingTest::times_asked(const std::string& path) const
{
    const std::lock_guard lock(mutex_);
    const auto found = pages_.find(path);
    return found == pages_.end() ? 0 : found->second.heads.size();
}

std::string CachingTest::last_head(const std::string& path) const
{
    const std::lock_guard lock(mutex_);
    const auto found = pages_.find(path);
    return found == pages_.end() || found->second.heads.empty() ? "" : found->second.heads.back();
}

std::vector<std::string> CachingTest::ranges_asked(const std::string& path) const
{
    const std::lock_guard lock(mutex_);
    std::vector<std::string> ranges;
    for (const std::string& head : pages_.at(path).heads) {
        ranges.push_back(support::field_in(head, "Range"));
    }
    return ranges;
}

bool CachingTest::is_reused(const field_lines& response,
    const field_lines& first,
    const field_lines& second,
    unsigned status)
{
    const std::string path = new_page();
    const bool no_content = status == 204;
    will_answer(path,
        {origin_answer{.status = status, .fields = response, .without_body = no_content},
            origin_answer{.status = status, .fields = response, .without_body = no_content}});
    const support::http_response fetched = ask({.path = path, .fields = first});
    const support::http_response again = ask({.path = path, .fields = second});
    EXPECT_EQ(fetched.status, status);
    EXPECT_EQ(again.status, status);
    const bool once = times_asked(path) == 1;
    if (!no_content) {
        EXPECT_EQ(once, again.body == fetched.body);
    }
    return once;
}

support::http_response CachingTest::second_answer(
    const field_lines& response, const field_lines& second, std::vector<origin_answer> later)
{
    const std::string path = new_page();
    later.insert(later.begin(), origin_answer{.fields = response});
    will_answer(path, std::move(later));
    ask({.path = path});
    return ask({.path = path, .fields = second});
}

support::http_response CachingTest::purge(const std::string& what)
{
    support::http_request request;
    request.method = "POST";
    request.target = "/v1/purge?" + what;
    request.fields.emplace_back("Host", "localhost");
    const support::http_client::result answer =
        support::http_client(peer_->admin()).exchange(request);
    EXPECT_TRUE(answer) << what;
    return answer ? *answer : support::http_response();
}

}  // namespace proxy
