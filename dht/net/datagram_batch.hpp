// Datagrams to and from a socket, many with one system call.

#pragma once

#include "dht/core/endpoint.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <sys/socket.h>

namespace dht {

constexpr std::size_t batch_size = 32;

// Lets the system say how many datagrams it had no room for.
void count_overflows(int socket);

// Asks for a receive buffer and returns the octets that the system grants. It may be a small part
// (net.core.rmem_max): then a burst loses datagrams, no more.
std::size_t size_receive_buffer(int socket, std::size_t octets);

// Receives without waiting. The datagrams are valid until the next call.
class receive_batch
{
public:
    explicit receive_batch(std::size_t datagram_octets);

    struct datagram
    {
        endpoint from;
        std::span<const std::byte> octets;
    };

    // Empty when there is nothing more to read. What is longer than datagram_octets is cut to one
    // octet more, so that it is seen to be too long.
    const std::vector<datagram>& receive(int socket);

    // Datagrams that came and found the system's receive buffer full, as far as it has told: it
    // does so with the next one that it does deliver. Needs count_overflows().
    std::uint64_t overflows() const { return overflows_; }

private:
    // Room for what the system says beside a datagram (SO_RXQ_OVFL).
    union control {
        cmsghdr aligned;
        char octets[CMSG_SPACE(sizeof(std::uint32_t))];
    };

    void take_overflows(msghdr& header);

    std::size_t slot_octets_;
    std::vector<std::byte> buffer_;
    std::array<sockaddr_storage, batch_size> sources_{};
    std::array<iovec, batch_size> parts_{};
    std::array<control, batch_size> controls_{};
    std::array<mmsghdr, batch_size> headers_{};
    std::vector<datagram> received_;
    std::uint32_t overflows_told_ = 0;  // the system's count, which wraps
    std::uint64_t overflows_ = 0;
};

// Sends without waiting.
class send_batch
{
public:
    bool is_full() const { return count_ == batch_size; }
    void add(const endpoint& to, std::string octets);

    // Sends and forgets everything added; how many the system did not take.
    std::size_t send(int socket);

private:
    std::size_t count_ = 0;
    std::array<std::string, batch_size> datagrams_;
    std::array<sockaddr_storage, batch_size> targets_{};
    std::array<iovec, batch_size> parts_{};
    std::array<mmsghdr, batch_size> headers_{};
};

}  // namespace dht
