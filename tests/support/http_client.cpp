#include "tests/support/http_client.hpp"

#include <boost/asio/co_spawn.hpp>

namespace support {

namespace asio = boost::asio;

http_client::result http_client::exchange(const http_request& request)
{
    const bool reused = connection_ && connection_->reusable();
    result response = pipeline({request}).front();
    if (reused && !response && failed_before_answer(response.error())) {
        response = pipeline({request}).front();  // the connection was closed while it was idle
    }
    return response;
}

std::vector<http_client::result> http_client::pipeline(const std::vector<http_request>& requests)
{
    std::vector<result> responses;
    asio::co_spawn(context_, converse(requests, responses), [](std::exception_ptr failure) {
        if (failure) {
            std::rethrow_exception(failure);
        }
    });
    context_.restart();
    context_.run();
    return responses;
}

asio::awaitable<void> http_client::converse(
    std::vector<http_request> requests, std::vector<result>& responses)
{
    if (!connection_ || !connection_->reusable()) {
        connection_ = std::make_unique<http_connection>(context_.get_executor());
        connection_->consume_body_with(consumer_);
        connection_->expires_after(patience_);
        if (const auto ec = co_await connection_->connect(server_)) {
            responses.emplace_back(ec);
            co_return;
        }
    }
    connection_->expires_after(patience_);
    std::string text;
    for (const http_request& request : requests) {
        text += request.text();
    }
    if (const auto ec = co_await connection_->send(std::move(text))) {
        connection_->close();
        responses.emplace_back(ec);
        co_return;
    }
    for (const http_request& request : requests) {
        result response = co_await connection_->receive(request.method == "HEAD");
        responses.push_back(std::move(response));
        if (!responses.back()) {
            connection_->close();
            co_return;
        }
    }
}

void http_client::consume_body_with(std::function<void(std::string_view)> consumer)
{
    consumer_ = std::move(consumer);
    if (connection_) {
        connection_->consume_body_with(consumer_);
    }
}

}  // namespace support
