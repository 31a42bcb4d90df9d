// The names every coroutine of this folder uses.

#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/error_code.hpp>
#include <boost/system/result.hpp>

namespace proxy {

namespace asio = boost::asio;

using asio::awaitable;
using boost::system::error_code;
using boost::system::result;

// Expected failures come back as a tuple whose first member is an error_code.
inline constexpr asio::as_tuple_t<asio::use_awaitable_t<>> use_tuple{};

}  // namespace proxy
