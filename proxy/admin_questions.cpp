#include "proxy/admin_questions.hpp"

#include "proxy/admin/lookup_json.hpp"
#include "proxy/net/purge.hpp"
#include "proxy/net/services.hpp"

#include <chrono>
#include <utility>

namespace proxy {
namespace {

constexpr std::chrono::seconds page_budget{3};

}  // namespace

plain_response reload_page(const reload_plan& plan)
{
    const auto list = [](const std::vector<std::string_view>& names) {
        std::string text;
        for (const std::string_view name : names) {
            text.append(text.empty() ? "\"" : ",\"").append(name).append("\"");
        }
        return "[" + text + "]";
    };
    plain_response page;
    page.content_type = "application/json";
    page.body = "{\"changed\":" + list(plan.changes) +
                ",\"needs_restart\":" + list(plan.need_restart) + "}\n";
    return page;
}

plain_response refuse_action(const refused_action& action)
{
    plain_response refused = json_error(action.status, action.why);
    if (action.status == 405) {
        refused.extra_fields = "Allow: POST\r\n";
    }
    return refused;
}

awaitable<plain_response> answer_lookup(
    lookup_question question, index* where, const target_rules& rules)
{
    if (where == nullptr) {
        co_return json_error(503, "this peer has no index (--no-peers)");
    }
    std::optional<dht::node_id> key = dht::parse_node_id(question.key);
    if (!question.url.empty()) {
        const auto cached_as = key_of_url(question.url, rules);
        key = cached_as ? std::optional{where->index_key(*cached_as)} : std::nullopt;
    }
    if (!key) {
        co_return json_error(
            400, "expected ?url= with an http or https URL, or ?key= with 40 hexadecimal digits");
    }
    awaitable<dht::get_result> running = where->trace(*key, page_budget);
    const dht::get_result found = co_await std::move(running);
    plain_response page;
    page.content_type = "application/json";
    page.body = lookup_json(question.url, *key, found);
    co_return page;
}

awaitable<plain_response> answer_purge(
    purge_question question, services& shared, const target_rules& rules)
{
    if (question.refused.status != 200) {
        co_return refuse_action(question.refused);
    }
    if (question.order.scope == cache::purge_scope::url) {
        const auto key = key_of_url(question.order.what, rules);
        if (!key) {
            co_return json_error(400, "expected ?url= with an http or https URL");
        }
        question.order.what = key->url();
        if (shared.peers != nullptr) {
            shared.peers->withdraw(*key);
        }
    }
    awaitable<purge_counts> purging = purge(shared, question.order);
    const purge_counts counts = co_await std::move(purging);
    if (counts.disk_failed) {
        co_return json_error(
            503, "the store cannot be asked now; what it holds may be found again");
    }
    plain_response page;
    page.content_type = "application/json";
    page.body = "{\"memory\":" + std::to_string(counts.in_memory) +
                ",\"disk\":" + std::to_string(counts.on_disk) + "}\n";
    co_return page;
}

}  // namespace proxy
