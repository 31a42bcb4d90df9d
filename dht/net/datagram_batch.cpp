#include "dht/net/datagram_batch.hpp"

#include <boost/assert.hpp>

#include <algorithm>
#include <cstring>
#include <utility>

#include <netinet/in.h>

namespace dht {
namespace {

socklen_t write_address(const endpoint& where, sockaddr_storage& out)
{
    out = {};
    if (where.address.is_v4()) {
        sockaddr_in form{};
        form.sin_family = AF_INET;
        form.sin_port = htons(where.port);
        form.sin_addr.s_addr = htonl(where.address.to_v4().to_uint());
        std::memcpy(&out, &form, sizeof form);
        return sizeof form;
    }
    sockaddr_in6 form{};
    form.sin6_family = AF_INET6;
    form.sin6_port = htons(where.port);
    const auto octets = where.address.to_v6().to_bytes();
    std::memcpy(&form.sin6_addr, octets.data(), octets.size());
    std::memcpy(&out, &form, sizeof form);
    return sizeof form;
}

endpoint read_address(const sockaddr_storage& from)
{
    if (from.ss_family == AF_INET) {
        sockaddr_in form{};
        std::memcpy(&form, &from, sizeof form);
        return {boost::asio::ip::address_v4{ntohl(form.sin_addr.s_addr)}, ntohs(form.sin_port)};
    }
    sockaddr_in6 form{};
    std::memcpy(&form, &from, sizeof form);
    boost::asio::ip::address_v6::bytes_type octets{};
    std::memcpy(octets.data(), &form.sin6_addr, octets.size());
    return {boost::asio::ip::address_v6{octets}, ntohs(form.sin6_port)};
}

}  // namespace

void count_overflows(int socket)
{
    const int on = 1;
    // A system that does not know it counts nothing.
    static_cast<void>(::setsockopt(socket, SOL_SOCKET, SO_RXQ_OVFL, &on, sizeof on));
}

std::size_t size_receive_buffer(int socket, std::size_t octets)
{
    int value = static_cast<int>(octets);
    static_cast<void>(::setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &value, sizeof value));
    socklen_t length = sizeof value;
    if (::getsockopt(socket, SOL_SOCKET, SO_RCVBUF, &value, &length) != 0) {
        return 0;
    }
    // Linux doubles what is set, for its own notes beside each datagram (socket(7)).
    return static_cast<std::size_t>(value) / 2;
}

receive_batch::receive_batch(std::size_t datagram_octets)
    : slot_octets_(datagram_octets + 1), buffer_(batch_size * slot_octets_)
{
    received_.reserve(batch_size);
    for (std::size_t i = 0; i < batch_size; ++i) {
        parts_[i] = {buffer_.data() + i * slot_octets_, slot_octets_};
        headers_[i].msg_hdr.msg_name = &sources_[i];
        headers_[i].msg_hdr.msg_iov = &parts_[i];
        headers_[i].msg_hdr.msg_iovlen = 1;
        headers_[i].msg_hdr.msg_control = &controls_[i];
    }
}

const std::vector<receive_batch::datagram>& receive_batch::receive(int socket)
{
    received_.clear();
    for (mmsghdr& header : headers_) {
        header.msg_hdr.msg_namelen = sizeof(sockaddr_storage);
        header.msg_hdr.msg_controllen = sizeof(control);
    }
    // An error is that of one datagram sent earlier, or nothing to read; both mean "later".
    const int count = ::recvmmsg(socket, headers_.data(), batch_size, MSG_DONTWAIT, nullptr);
    for (int i = 0; i < count; ++i) {
        const auto index = static_cast<std::size_t>(i);
        const std::byte* const begin = buffer_.data() + index * slot_octets_;
        received_.push_back(
            {read_address(sources_[index]), {begin, std::size_t{headers_[index].msg_len}}});
        take_overflows(headers_[index].msg_hdr);
    }
    return received_;
}

void receive_batch::take_overflows(msghdr& header)
{
    for (cmsghdr* part = CMSG_FIRSTHDR(&header); part != nullptr;
         part = CMSG_NXTHDR(&header, part)) {
        if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SO_RXQ_OVFL) {
            continue;
        }
        std::uint32_t told = 0;
        std::memcpy(&told, CMSG_DATA(part), sizeof told);
        overflows_ += told - overflows_told_;
        overflows_told_ = told;
    }
}

void send_batch::add(const endpoint& to, std::string octets)
{
    BOOST_ASSERT(!is_full());
    datagrams_[count_] = std::move(octets);
    parts_[count_] = {datagrams_[count_].data(), datagrams_[count_].size()};
    msghdr& header = headers_[count_].msg_hdr;
    header = {};
    header.msg_name = &targets_[count_];
    header.msg_namelen = write_address(to, targets_[count_]);
    header.msg_iov = &parts_[count_];
    header.msg_iovlen = 1;
    ++count_;
}

std::size_t send_batch::send(int socket)
{
    std::size_t done = 0;
    std::size_t refused = 0;
    while (done < count_) {
        const auto left = static_cast<unsigned>(count_ - done);
        const int sent = ::sendmmsg(socket, headers_.data() + done, left, MSG_DONTWAIT);
        if (sent > 0) {
            done += static_cast<std::size_t>(sent);
        } else {
            // The first one cannot be sent (no route, buffer full): a lost datagram, as the network
            // loses some.
            ++done;
            ++refused;
        }
    }
    count_ = 0;
    return refused;
}

}  // namespace dht
