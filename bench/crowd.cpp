#include "bench/crowd.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <csignal>
#include <random>

namespace bench {

namespace asio = boost::asio;

namespace {

constexpr std::chrono::milliseconds observation_interval{200};

void rethrow(std::exception_ptr failure)
{
    if (failure) {
        std::rethrow_exception(failure);
    }
}

}  // namespace

std::vector<planned_request> plan_crowd(const crowd_options& options)
{
    std::mt19937_64 generator(options.seed);
    std::exponential_distribution<double> gap(options.requests_per_second);
    std::uniform_int_distribution<std::size_t> peer(0, options.peers - 1);
    std::uniform_int_distribution<std::size_t> file(0, options.files - 1);
    std::bernoulli_distribution coralized(options.coralized_share);
    const double end = std::chrono::duration<double>(options.duration).count();

    std::vector<planned_request> plan;
    for (double at = gap(generator); at < end; at += gap(generator)) {
        planned_request request;
        request.at = std::chrono::microseconds(static_cast<std::int64_t>(at * 1e6));
        request.peer = peer(generator);
        request.file = file(generator);
        request.coralized = coralized(generator);
        plan.push_back(request);
    }
    return plan;
}

crowd::crowd(std::vector<asio::ip::tcp::endpoint> peers,
    const std::vector<support::demo_file>& site,
    std::string origin)
    : context_(1),
      peers_(std::move(peers)),
      site_(site),
      origin_(std::move(origin)),
      killed_(peers_.size()),
      idle_(peers_.size())
{
}

void crowd::schedule(std::chrono::milliseconds at, std::function<void()> action)
{
    actions_.push_back({at, std::move(action)});
}

void crowd::run(const std::vector<planned_request>& plan, const std::function<void()>& observe)
{
    records_.reserve(plan.size());  // coroutines refer to their record
    asio::signal_set interruption(context_, SIGINT, SIGTERM);
    interruption.async_wait([](const boost::system::error_code& ec, int) {
        if (!ec) {
            throw interrupted();
        }
    });
    start_ = crowd_clock::now();
    asio::co_spawn(context_, release(plan), rethrow);
    asio::co_spawn(context_, watch(plan.size(), observe), [&](std::exception_ptr failure) {
        interruption.cancel();
        rethrow(failure);
    });
    for (const scheduled_action& action : actions_) {
        asio::co_spawn(context_, act(action), rethrow);
    }
    context_.run();
}

asio::awaitable<void> crowd::release(const std::vector<planned_request>& plan)
{
    asio::steady_timer timer(context_);
    for (const planned_request& request : plan) {
        timer.expires_at(start_ + request.at);
        co_await timer.async_wait(asio::use_awaitable);
        records_.emplace_back().plan = request;
        asio::co_spawn(context_, ask(records_.size() - 1), rethrow);
    }
}

asio::awaitable<void> crowd::act(scheduled_action what)
{
    asio::steady_timer timer(context_, start_ + what.at);
    co_await timer.async_wait(asio::use_awaitable);
    what.action();
}

asio::awaitable<void> crowd::watch(std::size_t total, std::function<void()> observe)
{
    asio::steady_timer timer(context_);
    while (ended_ < total) {
        observe();
        timer.expires_after(observation_interval);
        co_await timer.async_wait(asio::use_awaitable);
    }
    observe();
}

asio::awaitable<void> crowd::ask(std::size_t index)
{
    request_record& record = records_[index];
    std::size_t peer = record.plan.peer;
    response answer = boost::system::error_code(asio::error::not_connected);
    for (std::size_t tried = 0; tried < peers_.size(); ++tried) {
        std::string text = request_text(record.plan, peer);
        answer = co_await exchange(peer, std::move(text), record);
        if (answer || !killed_[peer]) {
            break;
        }
        peer = (peer + 1) % peers_.size();
    }
    record.waited = crowd_clock::now() - (start_ + record.plan.at);
    judge(record, answer);
    ++ended_;
}

asio::awaitable<crowd::response> crowd::exchange(
    std::size_t peer, std::string text, request_record& record)
{
    if (!idle_[peer].empty()) {
        connection client = std::move(idle_[peer].back());
        idle_[peer].pop_back();
        response answer = co_await converse(peer, std::move(client), text, record);
        if (answer || killed_[peer] || !support::failed_before_answer(answer.error())) {
            co_return answer;
        }
        // The peer closed the connection while it was idle: that is no failure.
    }
    auto client = std::make_unique<support::http_connection>(context_.get_executor());
    if (const auto ec = co_await client->connect(peers_[peer])) {
        record.refused += killed_[peer] ? 1 : 0;
        co_return ec;
    }
    response answer = co_await converse(peer, std::move(client), std::move(text), record);
    co_return answer;
}

asio::awaitable<crowd::response> crowd::converse(
    std::size_t peer, connection client, std::string text, request_record& record)
{
    response answer = boost::system::error_code(asio::error::not_connected);
    const boost::system::error_code sent = co_await client->send(std::move(text));
    if (sent) {
        answer = sent;
    } else {
        answer = co_await client->receive(false);
    }
    if (!answer) {
        record.cut_off += killed_[peer] ? 1 : 0;
    } else if (client->reusable()) {
        idle_[peer].push_back(std::move(client));
    }
    co_return answer;
}

std::string crowd::request_text(const planned_request& plan, std::size_t peer) const
{
    const std::string& path = site_[plan.file].path;
    support::http_request request = plan.coralized
                                        ? support::coralized_request(origin_, path, peers_[peer])
                                        : support::forward_request(origin_, path);
    request.fields.emplace_back("User-Agent", "flash-crowd");
    request.fields.emplace_back("Accept", "*/*");
    return request.text();
}

void crowd::judge(request_record& record, const response& answer) const
{
    if (!answer) {
        record.end = outcome::failed;
        record.failure = answer.error().message();
        return;
    }
    record.octets = answer->head_octets + answer->body_octets;
    record.source = support::source_of(answer->field("Cache-Status"));
    if (answer->status != 200) {
        record.end = outcome::failed;
        record.failure = "status " + std::to_string(answer->status);
        return;
    }
    const bool same = answer->body == site_[record.plan.file].body;
    record.end = same ? outcome::correct : outcome::wrong_body;
}

}  // namespace bench
