// What an answer that is passed on does to what is stored: an unsafe method invalidates (RFC 9111,
// section 4.4), a HEAD freshens (section 4.3.5), a POST may serve later GETs (RFC 9110,
// section 9.3.3).

#pragma once

#include "cache/policy/cache_key.hpp"
#include "cache/policy/field_section.hpp"
#include "cache/policy/invalidation.hpp"
#include "cache/policy/stored_response.hpp"
#include "proxy/core/target.hpp"
#include "proxy/http1/message.hpp"
#include "proxy/net/coroutine.hpp"
#include "proxy/net/flight.hpp"

#include <boost/beast/http/verb.hpp>

#include <optional>
#include <string_view>
#include <vector>

namespace proxy {

struct services;
struct worker;

class passed_answer
{
public:
    // `where` and `request` (the end-to-end fields) outlive the object.
    passed_answer(services& shared,
        worker& here,
        boost::beast::http::verb method,
        const target& where,
        const cache::field_section& request)
        : shared_{shared}, here_{here}, method_{method}, where_{where}, request_{request}
    {
    }

    // The request goes out now.
    void begin();

    // Before anything of the final answer goes to the client: who then asks again finds what the
    // answer has made of the store.
    awaitable<void> take_head(const http1::response_head& head);

    // The content as it comes, each piece before it goes to the client.
    void take_content(std::string_view octets);

    // All of it has come, or as much as the head has announced. Before the client can know.
    void take_end();

private:
    awaitable<void> invalidate(const cache::field_section& response);
    awaitable<void> apply_head(const cache::field_section& response);
    void begin_to_keep(unsigned status, const cache::field_section& fields);
    cache::exchange_view view(unsigned status, const cache::field_section& response) const;
    cache::request_uri_view uri() const;
    cache::cache_key key() const;

    services& shared_;
    worker& here_;
    boost::beast::http::verb method_;
    const target& where_;
    const cache::field_section& request_;
    cache::wall_time request_time_{};
    cache::wall_time invalidated_at_{};
    std::optional<cache::stored_response> kept_;  // of an answer that is to be stored
    std::vector<chunk> content_;
    std::uint64_t octets_ = 0;
};

}  // namespace proxy
