#include "proxy/net/slice_reader.hpp"

#include "proxy/net/services.hpp"
#include "proxy/net/stored_copy.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

namespace proxy {
namespace {

std::uint64_t first_slice(cache::byte_range part)
{
    return part.first / cache::slice_octets;
}

// One past the last.
std::uint64_t end_of_slices(cache::byte_range part)
{
    return (part.first + part.octets - 1) / cache::slice_octets + 1;
}

}  // namespace

slice_reader::~slice_reader()
{
    run_.window->closed = true;
    run_.window->moved->wake();
}

awaitable<slices_presence> slice_reader::look_at(std::vector<cache::byte_range> parts)
{
    constexpr std::uint64_t most = 32;
    std::uint64_t looked_at = 0;
    slices_presence presence = slices_presence::stored;
    for (const cache::byte_range part : parts) {
        for (std::uint64_t i = first_slice(part); i != end_of_slices(part); ++i) {
            if (++looked_at > most) {
                co_return slices_presence::unknown;
            }
            if (is_on_the_way(i)) {
                presence = slices_presence::on_the_way;
                continue;
            }
            const auto found = co_await find(i);
            if (!found) {
                co_return slices_presence::missing;
            }
        }
    }
    co_return presence;
}

awaitable<bool> slice_reader::open(cache::byte_range part)
{
    opened_index_ = first_slice(part);
    opened_ = co_await open_slice(opened_index_, end_of_slices(part));
    co_return static_cast<bool>(opened_);
}

awaitable<error_code> slice_reader::send(std::uint64_t first, std::uint64_t octets)
{
    error_code error;
    const std::uint64_t end = octets == 0 ? 0 : end_of_slices({first, octets});
    while (!error && octets != 0) {
        const std::uint64_t index = first / cache::slice_octets;
        const cache::byte_range place = run_.map.range_of(index);
        const std::uint64_t begin = first - place.first;
        const std::uint64_t piece = std::min(octets, place.octets - begin);
        run_.window->reading = index;
        run_.window->moved->wake();
        slice from = std::exchange(opened_, slice());
        if (!from || opened_index_ != index) {
            from = co_await open_slice(index, end);
        }
        if (from.object) {
            error = co_await answers_.send_part(*from.object, begin, piece);
        } else if (from.reader) {
            from.reader->advance(begin);
            error = co_await answers_.send_part(*from.reader, piece);
        } else {
            error = boost::system::errc::make_error_code(boost::system::errc::connection_aborted);
        }
        first += piece;
        octets -= piece;
    }
    co_return error;
}

cache::cache_key slice_reader::key_of(std::uint64_t index) const
{
    return cache::key_of_slice(run_.map, index);
}

std::shared_ptr<const cache::memory_object> slice_reader::in_memory(std::uint64_t index) const
{
    return shared_.memory.lookup(key_of(index), cache::field_section());
}

awaitable<std::shared_ptr<const cache::memory_object>> slice_reader::find(std::uint64_t index)
{
    const cache::field_section nothing;
    const stored_lookup found = co_await find_stored(shared_, key_of(index), nothing);
    std::shared_ptr<const cache::memory_object> object;
    if (found.selected) {
        object = found.selected->object;
    }
    if (object && object->body->size() != run_.map.range_of(index).octets) {
        object = nullptr;
    }
    co_return object;
}

bool slice_reader::is_on_the_way(std::uint64_t index) const
{
    const cache::cache_key key = key_of(index);
    return shared_.flights.find(key.text(), key.hash()) != nullptr;
}

awaitable<slice_reader::slice> slice_reader::open_slice(std::uint64_t index, std::uint64_t end)
{
    constexpr int most_tries = 3;
    const cache::cache_key key = key_of(index);
    slice opened;
    for (int tries = 0; tries != most_tries && !opened; ++tries) {
        opened.object = co_await find(index);
        if (opened.object) {
            break;
        }
        const std::uint64_t run_end = co_await end_of_run(index, end);
        const flight_table::seat seat = shared_.flights.join_or_lead(key.text(), key.hash());
        if (seat.leads) {
            // It may have come while we looked on disk.
            opened.object = in_memory(index);
            if (opened.object) {
                shared_.flights.leave(key.text(), key.hash(), seat.shared);
                seat.shared->use_stored(stored_use::validated);
                break;
            }
        }
        opened.reader = std::make_unique<flight_reader>(seat.shared, here_.context.get_executor());
        if (seat.leads) {
            slice_run run = run_;
            run.slice = index;
            run.end = run_end;
            here_.tasks.spawn(
                fetch_slices(shared_, here_, seat.shared, std::move(run), std::nullopt));
        }
        const auto deadline =
            std::chrono::steady_clock::now() + 2 * shared_.config.limit.origin_first_byte;
        const flight_state state = co_await opened.reader->wait_for_head(deadline);
        const bool comes = state == flight_state::streaming || state == flight_state::finished;
        if (!comes || opened.reader->too_late()) {
            opened.reader.reset();
            // Somebody else's may have ended because nobody wanted more of it; ours has failed.
            if (seat.leads) {
                break;
            }
        }
    }
    co_return opened;
}

// One past the last slice that is to be fetched with this one.
awaitable<std::uint64_t> slice_reader::end_of_run(std::uint64_t index, std::uint64_t end)
{
    constexpr std::uint64_t longest_run = 64;
    const std::uint64_t last = std::min(end, index + longest_run);
    std::uint64_t next = index + 1;
    while (next < last && !is_on_the_way(next)) {
        const auto found = co_await find(next);
        if (found) {
            break;
        }
        ++next;
    }
    co_return next;
}

}  // namespace proxy
