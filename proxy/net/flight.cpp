#include "proxy/net/flight.hpp"

#include <boost/assert.hpp>

#include <algorithm>
#include <limits>
#include <utility>

namespace proxy {
namespace {

constexpr auto never = std::chrono::steady_clock::time_point::max();

bool ended(flight_state state)
{
    return state != flight_state::waiting && state != flight_state::streaming;
}

}  // namespace

void flight::source_is(fetch_source source)
{
    const std::lock_guard lock{mutex_};
    source_ = source;
}

void flight::publish_interim(interim_head interim)
{
    const std::lock_guard lock{mutex_};
    interims_.push_back(std::make_shared<const interim_head>(std::move(interim)));
    wake_all();
}

void flight::publish_head(std::shared_ptr<const flight_head> head)
{
    const std::lock_guard lock{mutex_};
    BOOST_ASSERT(state_ == flight_state::waiting);
    source_ = head->source;
    writing_ = head->stored;
    head_ = std::move(head);
    state_ = flight_state::streaming;
    wake_all();
}

void flight::publish(chunk content)
{
    // Who gets a window within the patience is not held up for ever.
    const auto window = static_cast<std::int64_t>(std::max<std::uint64_t>(limit_.window_octets, 1));
    const auto octets = static_cast<std::int64_t>(content->size());
    const std::chrono::nanoseconds patience{limit_.patience};
    held_up_for_ -= std::min(held_up_for_, patience * octets / window);
    const std::lock_guard lock{mutex_};
    BOOST_ASSERT(state_ == flight_state::streaming);
    const std::uint64_t begin = published_;
    published_ += content->size();
    pieces_.push_back({begin, std::move(content)});
    release_memory();
    wake_all();
}

void flight::finish()
{
    const std::lock_guard lock{mutex_};
    state_ = flight_state::finished;
    wake_all();
}

void flight::break_off()
{
    const std::lock_guard lock{mutex_};
    state_ = flight_state::broken;
    wake_all();
}

void flight::use_stored(stored_use reason)
{
    const std::lock_guard lock{mutex_};
    stored_use_ = reason;
    state_ = flight_state::use_stored;
    wake_all();
}

void flight::fail(fetch_failure failure)
{
    const std::lock_guard lock{mutex_};
    failure_ = failure;
    state_ = flight_state::failed;
    wake_all();
}

void flight::written(cache::object_id object, std::uint64_t octets)
{
    const std::lock_guard lock{mutex_};
    object_ = object;
    written_ = octets;
    release_memory();
    wake_all();
}

void flight::keeping_ended()
{
    const std::lock_guard lock{mutex_};
    kept_ = true;
    wake_all();
}

void flight::writing_failed()
{
    const std::lock_guard lock{mutex_};
    writing_ = false;
    wake_all();
}

awaitable<bool> flight::wait_for_room(
    std::shared_ptr<signal> waker, std::chrono::steady_clock::time_point deadline)
{
    while (true) {
        bool held_up = false;
        {
            const std::lock_guard lock{mutex_};
            held_up = is_held_up();
            if (held_up && held_up_for_ >= limit_.patience && !has_room()) {
                cut_loose();
            }
            if (has_room()) {
                co_return true;
            }
            leader_waiters_.push_back(waker);
        }
        const auto start = std::chrono::steady_clock::now();
        if (start >= deadline) {
            co_return false;
        }
        const auto patience_ends =
            start + std::max<std::chrono::nanoseconds>(limit_.patience - held_up_for_, {});
        co_await waker->wait(held_up ? std::min(deadline, patience_ends) : deadline);
        if (held_up) {
            held_up_for_ += std::chrono::steady_clock::now() - start;
        }
    }
}

awaitable<chunk> flight::next_to_write(std::shared_ptr<signal> waker, std::uint64_t offset)
{
    while (true) {
        {
            const std::lock_guard lock{mutex_};
            if (const piece* found = piece_at(offset)) {
                co_return found->content;
            }
            if (ended(state_)) {
                co_return nullptr;
            }
            leader_waiters_.push_back(waker);
        }
        co_await waker->wait(never);
    }
}

awaitable<void> flight::wait_for_readers_behind(std::shared_ptr<signal> waker)
{
    while (true) {
        {
            const std::lock_guard lock{mutex_};
            const std::uint64_t kept_from = pieces_.empty() ? published_ : pieces_.front().begin;
            if (slowest() >= kept_from) {
                beginning_gone_ = kept_from > 0;
                co_return;
            }
            leader_waiters_.push_back(waker);
        }
        co_await waker->wait(never);
    }
}

bool flight::break_off_if_unwanted()
{
    const std::lock_guard lock{mutex_};
    if (writing_ || is_read() || is_for_memory()) {
        return false;
    }
    state_ = flight_state::broken;
    wake_all();
    return true;
}

std::optional<std::vector<chunk>> flight::whole_body() const
{
    const std::lock_guard lock{mutex_};
    if (pieces_.empty() ? published_ != 0 : pieces_.front().begin != 0) {
        return std::nullopt;
    }
    std::vector<chunk> body;
    body.reserve(pieces_.size());
    for (const piece& one : pieces_) {
        body.push_back(one.content);
    }
    return body;
}

flight_state flight::state() const
{
    const std::lock_guard lock{mutex_};
    return state_;
}

std::shared_ptr<const flight_head> flight::head() const
{
    const std::lock_guard lock{mutex_};
    return head_;
}

fetch_source flight::source() const
{
    const std::lock_guard lock{mutex_};
    return source_;
}

fetch_failure flight::failure() const
{
    const std::lock_guard lock{mutex_};
    return failure_;
}

stored_use flight::reason_to_use_stored() const
{
    const std::lock_guard lock{mutex_};
    return stored_use_;
}

std::uint64_t flight::published_octets() const
{
    const std::lock_guard lock{mutex_};
    return published_;
}

void flight::wake_all()
{
    for (const reader_slot& slot : readers_) {
        slot.waker->wake();
    }
    wake_leader();
}

void flight::wake_leader()
{
    for (const std::shared_ptr<signal>& waiter : std::exchange(leader_waiters_, {})) {
        waiter->wake();
    }
}

void flight::release_memory()
{
    // Small bodies stay whole for the memory tier, and for readers who join late.
    if (published_ <= limit_.keep_octets) {
        return;
    }
    const std::uint64_t releasable = writing_ ? written_ : slowest();
    while (
        !pieces_.empty() && pieces_.front().begin + pieces_.front().content->size() <= releasable) {
        pieces_.pop_front();
        beginning_gone_ = beginning_gone_ || !writing_;
    }
}

bool flight::has_room() const
{
    if (ended(state_)) {
        return true;
    }
    if (writing_ && published_ - written_ > limit_.window_octets + cache::body_chunk_octets) {
        return false;
    }
    // The fastest reader sets the pace where the store catches the others; without a stored copy
    // the slowest does.
    const std::uint64_t pace = writing_ ? fastest() : slowest();
    return !is_read() || published_ - std::min(pace, published_) <= limit_.window_octets;
}

// Small enough for the memory tier, which keeps it also while there is no store.
bool flight::is_for_memory() const
{
    return head_ && head_->stored && published_ <= limit_.keep_octets &&
           head_->body_octets.value_or(0) <= limit_.keep_octets;
}

bool flight::is_read() const
{
    return std::any_of(
        readers_.begin(), readers_.end(), [](const reader_slot& slot) { return !slot.lost; });
}

// Whether one has taken everything and would get more if the others were as fast.
bool flight::is_held_up() const
{
    return !writing_ && std::any_of(readers_.begin(), readers_.end(), [&](const reader_slot& slot) {
        return !slot.lost && slot.hungry && slot.cursor >= published_;
    });
}

// The caller makes sure that somebody is held up: that reader at least goes on.
void flight::cut_loose()
{
    for (reader_slot& slot : readers_) {
        slot.lost = slot.lost || slot.cursor + limit_.window_octets < published_;
    }
    held_up_for_ = {};
    release_memory();
    wake_all();
}

std::uint64_t flight::fastest() const
{
    std::uint64_t most = 0;
    for (const reader_slot& slot : readers_) {
        most = slot.lost ? most : std::max(most, slot.cursor);
    }
    return most;
}

std::uint64_t flight::slowest() const
{
    std::uint64_t least = published_;
    for (const reader_slot& slot : readers_) {
        least = slot.lost ? least : std::min(least, slot.cursor);
    }
    return least;
}

const flight::piece* flight::piece_at(std::uint64_t offset) const
{
    auto after = std::upper_bound(
        pieces_.begin(), pieces_.end(), offset, [](std::uint64_t wanted, const piece& candidate) {
            return wanted < candidate.begin;
        });
    if (after == pieces_.begin()) {
        return nullptr;
    }
    --after;
    return offset < after->begin + after->content->size() ? &*after : nullptr;
}

flight_reader::flight_reader(std::shared_ptr<flight> source, const asio::any_io_executor& executor)
    : flight_{std::move(source)}, waker_{std::make_shared<signal>(executor)}
{
    const std::lock_guard lock{flight_->mutex_};
    too_late_ = flight_->beginning_gone_ || flight_->state_ == flight_state::broken;
    const std::uint64_t cursor = too_late_ ? flight_->published_ : 0;
    slot_ = flight_->readers_.insert(flight_->readers_.end(), {cursor, waker_, false, false});
}

flight_reader::~flight_reader()
{
    const std::lock_guard lock{flight_->mutex_};
    flight_->readers_.erase(slot_);
    flight_->wake_all();
}

awaitable<flight_state> flight_reader::wait_for_head(std::chrono::steady_clock::time_point deadline)
{
    while (true) {
        const flight_state state = flight_->state();
        if (state != flight_state::waiting || std::chrono::steady_clock::now() >= deadline) {
            co_return state;
        }
        co_await waker_->wait(deadline);
    }
}

awaitable<std::shared_ptr<const interim_head>> flight_reader::wait_for_interim(
    std::chrono::steady_clock::time_point deadline)
{
    std::shared_ptr<const interim_head> next;
    while (true) {
        {
            const std::lock_guard lock{flight_->mutex_};
            if (interims_taken_ < flight_->interims_.size()) {
                next = flight_->interims_[interims_taken_++];
            }
            if (next || flight_->state_ != flight_state::waiting) {
                break;
            }
        }
        if (std::chrono::steady_clock::now() >= deadline) {
            break;
        }
        co_await waker_->wait(deadline);
    }
    co_return next;
}

awaitable<void> flight_reader::wait_until_kept(std::chrono::steady_clock::time_point deadline)
{
    while (std::chrono::steady_clock::now() < deadline) {
        {
            const std::lock_guard lock{flight_->mutex_};
            if (flight_->kept_) {
                co_return;
            }
        }
        co_await waker_->wait(deadline);
    }
}

awaitable<flight_reader::content> flight_reader::read(
    std::chrono::steady_clock::time_point deadline)
{
    while (true) {
        if (std::optional<content> found = look()) {
            co_return *std::move(found);
        }
        if (std::chrono::steady_clock::now() >= deadline) {
            content nothing;
            co_return nothing;
        }
        co_await waker_->wait(deadline);
    }
}

void flight_reader::advance(std::uint64_t octets)
{
    const std::lock_guard lock{flight_->mutex_};
    slot_->cursor += octets;
    slot_->hungry = false;
    flight_->release_memory();
    flight_->wake_leader();
}

std::optional<flight_reader::content> flight_reader::look()
{
    std::optional<content> found;
    std::uint64_t octets = 0;
    {
        const std::lock_guard lock{flight_->mutex_};
        const std::uint64_t cursor = slot_->cursor;
        if (slot_->lost) {
            found.emplace();
            found->what = content::kind::broken;
        } else if (const flight::piece* piece = flight_->piece_at(cursor)) {
            found.emplace();
            found->what = content::kind::octets;
            found->data = piece->content;
            found->begin = static_cast<std::size_t>(cursor - piece->begin);
            octets = piece->content->size() - found->begin;
        } else if (cursor < flight_->published_) {
            found.emplace();
            found->what = content::kind::in_store;
            found->object = flight_->object_;
            found->store_index = cursor / cache::body_chunk_octets;
            found->offset_in_chunk = static_cast<std::size_t>(cursor % cache::body_chunk_octets);
        } else if (ended(flight_->state_)) {
            found.emplace();
            const bool whole = flight_->state_ == flight_state::finished;
            found->what = whole ? content::kind::end : content::kind::broken;
        } else if (!std::exchange(slot_->hungry, true)) {
            flight_->wake_leader();  // from now on it may be held up
        }
    }
    if (octets != 0) {
        advance(octets);
    }
    return found;
}

}  // namespace proxy
