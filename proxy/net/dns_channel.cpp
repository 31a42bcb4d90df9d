#include "proxy/net/dns_channel.hpp"

#include <boost/asio/ip/address_v4.hpp>
#include <boost/asio/ip/address_v6.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <ares.h>
#include <netinet/in.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <utility>

namespace proxy {

namespace asio = boost::asio;

namespace {

// ares_library_init counts; each call wants its cleanup.
struct ares_library
{
    ares_library() { ares_library_init(ARES_LIB_INIT_ALL); }
    ~ares_library() { ares_library_cleanup(); }
    ares_library(const ares_library&) = delete;
    ares_library& operator=(const ares_library&) = delete;
};

dns_status status_of(int ares_status)
{
    switch (ares_status) {
    case ARES_SUCCESS: return dns_status::answered;
    case ARES_ENOTFOUND: return dns_status::no_such_name;
    case ARES_ETIMEOUT: return dns_status::timed_out;
    case ARES_EDESTRUCTION:
    case ARES_ECANCELLED: return dns_status::cancelled;
    default: return dns_status::no_such_type;
    }
}

asio::ip::address address_of(const sockaddr& address)
{
    if (address.sa_family == AF_INET) {
        sockaddr_in v4 = {};
        std::memcpy(&v4, &address, sizeof v4);
        return asio::ip::address_v4(ntohl(v4.sin_addr.s_addr));
    }
    sockaddr_in6 v6 = {};
    std::memcpy(&v6, &address, sizeof v6);
    asio::ip::address_v6::bytes_type bytes;
    std::memcpy(bytes.data(), &v6.sin6_addr, bytes.size());
    return asio::ip::address_v6(bytes);
}

dns_answer answer_of(int ares_status, const ares_addrinfo* info)
{
    dns_answer answer;
    answer.status = status_of(ares_status);
    if (info == nullptr) {
        return answer;
    }
    int ttl = info->nodes != nullptr ? info->nodes->ai_ttl : 0;
    for (const ares_addrinfo_node* node = info->nodes; node != nullptr; node = node->ai_next) {
        answer.addresses.push_back(address_of(*node->ai_addr));
        ttl = std::min(ttl, node->ai_ttl);
    }
    answer.ttl = std::chrono::seconds(std::max(ttl, 0));
    if (answer.addresses.empty()) {
        answer.status = dns_status::no_such_type;
    }
    return answer;
}

}  // namespace

class dns_channel::state : public std::enable_shared_from_this<state>
{
public:
    explicit state(asio::any_io_executor executor)
        : executor_(std::move(executor)), timer_(executor_)
    {
    }

    void open(const options& settings);
    void close();
    void ask(const std::string& host, address_family family, answer_handler handler);

private:
    // A socket of c-ares, which opens and closes it itself.
    struct watched_socket
    {
        watched_socket(const asio::any_io_executor& executor, ares_socket_t socket)
            : descriptor(executor, socket)
        {
        }

        asio::posix::stream_descriptor descriptor;
        bool want_read = false;
        bool want_write = false;
        bool waits_for_read = false;
        bool waits_for_write = false;
    };

    static void on_socket_state(void* self, ares_socket_t socket, int readable, int writable);
    static void on_answer(void* handler, int status, int timeouts, ares_addrinfo* info);
    void watch(ares_socket_t socket, bool readable, bool writable);
    void wait(const std::shared_ptr<watched_socket>& watched);
    void wait_for_timeout();

    ares_library library_;
    asio::any_io_executor executor_;
    asio::steady_timer timer_;
    std::map<ares_socket_t, std::shared_ptr<watched_socket>> sockets_;
    ares_channel channel_ = nullptr;
};

void dns_channel::state::open(const options& settings)
{
    ares_options ares = {};
    ares.flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES;
    ares.timeout = static_cast<int>(settings.first_try.count());
    ares.tries = settings.tries;
    ares.sock_state_cb = &state::on_socket_state;
    ares.sock_state_cb_data = this;
    char lookups[] = "b";  // name servers only; /etc/hosts is ours (hosts_file)
    ares.lookups = lookups;
    constexpr int given = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES |
                          ARES_OPT_SOCK_STATE_CB | ARES_OPT_LOOKUPS;
    if (ares_init_options(&channel_, &ares, given) != ARES_SUCCESS) {
        channel_ = nullptr;
        return;
    }
    if (!settings.servers.empty() &&
        ares_set_servers_ports_csv(channel_, settings.servers.c_str()) != ARES_SUCCESS) {
        close();
    }
}

void dns_channel::state::close()
{
    timer_.cancel();
    if (channel_ != nullptr) {
        ares_destroy(std::exchange(channel_, nullptr));  // answers every question; closes sockets
    }
}

void dns_channel::state::ask(const std::string& host, address_family family, answer_handler handler)
{
    if (channel_ == nullptr) {
        dns_answer none;
        none.status = dns_status::no_such_type;
        handler(std::move(none));
        return;
    }
    ares_addrinfo_hints hints = {};
    // Not sorted by RFC 6724: c-ares would connect a socket to each address in order to sort,
    // before any gate has judged it.
    hints.ai_flags = ARES_AI_NOSORT;
    hints.ai_family = family == address_family::v4 ? AF_INET : AF_INET6;
    hints.ai_socktype = SOCK_STREAM;
    auto owned = std::make_unique<answer_handler>(std::move(handler));
    ares_getaddrinfo(channel_, host.c_str(), nullptr, &hints, &state::on_answer, owned.release());
    wait_for_timeout();
}

void dns_channel::state::on_answer(void* handler, int status, int, ares_addrinfo* info)
{
    const std::unique_ptr<answer_handler> owned(static_cast<answer_handler*>(handler));
    const std::unique_ptr<ares_addrinfo, decltype(&ares_freeaddrinfo)> result(
        info, &ares_freeaddrinfo);
    (*owned)(answer_of(status, info));
}

void dns_channel::state::on_socket_state(
    void* self, ares_socket_t socket, int readable, int writable)
{
    static_cast<state*>(self)->watch(socket, readable != 0, writable != 0);
}

void dns_channel::state::watch(ares_socket_t socket, bool readable, bool writable)
{
    const auto known = sockets_.find(socket);
    if (!readable && !writable) {
        if (known != sockets_.end()) {
            known->second->descriptor.release();  // c-ares closes it next; our waits are aborted
            sockets_.erase(known);
        }
        return;
    }
    std::shared_ptr<watched_socket>& watched = sockets_[socket];
    if (!watched) {
        watched = std::make_shared<watched_socket>(executor_, socket);
    }
    watched->want_read = readable;
    watched->want_write = writable;
    wait(watched);
}

// The waits hold no ownership: either side may be gone when they complete, and a new socket may
// have got the old one's number.
void dns_channel::state::wait(const std::shared_ptr<watched_socket>& watched)
{
    using descriptor = asio::posix::stream_descriptor;
    const auto start = [&](descriptor::wait_type type, bool watched_socket::*waits, bool reads) {
        watched.get()->*waits = true;
        watched->descriptor.async_wait(type,
            [weak_self = weak_from_this(),
                weak_watched = std::weak_ptr<watched_socket>(watched),
                waits,
                reads](const boost::system::error_code& ec) {
                const auto self = weak_self.lock();
                const auto ready = weak_watched.lock();
                if (ec || !self || !ready || self->channel_ == nullptr) {
                    return;
                }
                ready.get()->*waits = false;
                const ares_socket_t socket = ready->descriptor.native_handle();
                ares_process_fd(self->channel_,
                    reads ? socket : ARES_SOCKET_BAD,
                    reads ? ARES_SOCKET_BAD : socket);
                if (ready->descriptor.is_open()) {
                    self->wait(ready);
                }
                self->wait_for_timeout();
            });
    };
    if (watched->want_read && !watched->waits_for_read) {
        start(descriptor::wait_read, &watched_socket::waits_for_read, true);
    }
    if (watched->want_write && !watched->waits_for_write) {
        start(descriptor::wait_write, &watched_socket::waits_for_write, false);
    }
}

void dns_channel::state::wait_for_timeout()
{
    timeval due = {};
    if (channel_ == nullptr || ares_timeout(channel_, nullptr, &due) == nullptr) {
        timer_.cancel();
        return;
    }
    timer_.expires_after(std::chrono::seconds(due.tv_sec) + std::chrono::microseconds(due.tv_usec));
    timer_.async_wait([weak_self = weak_from_this()](const boost::system::error_code& ec) {
        const auto self = weak_self.lock();
        if (ec || !self || self->channel_ == nullptr) {
            return;
        }
        ares_process_fd(self->channel_, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
        self->wait_for_timeout();
    });
}

dns_channel::dns_channel(asio::any_io_executor executor, const options& settings)
    : state_(std::make_shared<state>(std::move(executor)))
{
    state_->open(settings);
}

dns_channel::~dns_channel()
{
    state_->close();
}

void dns_channel::ask(const std::string& host, address_family family, answer_handler handler)
{
    state_->ask(host, family, std::move(handler));
}

}  // namespace proxy
