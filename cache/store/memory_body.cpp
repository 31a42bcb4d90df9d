#include "cache/store/memory_body.hpp"

#include <utility>

namespace cache {
namespace {

constexpr std::size_t overhead_octets = 64;  // control block, string, what malloc rounds up

// What arrived in many small reads would otherwise be sent as so many small pieces at every hit.
std::shared_ptr<const std::string> joined(
    std::vector<std::shared_ptr<const std::string>> pieces, std::size_t octets)
{
    if (pieces.size() == 1) {
        return std::move(pieces.front());
    }
    auto whole = std::make_shared<std::string>();
    whole->reserve(octets);
    for (const std::shared_ptr<const std::string>& piece : pieces) {
        whole->append(*piece);
    }
    return whole;
}

}  // namespace

std::shared_ptr<const memory_body> memory_body::make(
    std::vector<std::shared_ptr<const std::string>> pieces, const std::shared_ptr<page_file>& pages)
{
    const std::shared_ptr<memory_body> fresh{new memory_body};
    for (const std::shared_ptr<const std::string>& piece : pieces) {
        fresh->octets_ += piece->size();
    }
    if (pages && fresh->octets_ >= paged_octets) {
        if (const std::optional<page_file::place> place = pages->write(pieces)) {
            fresh->place_ = *place;
            fresh->pages_ = pages;
            return fresh;
        }
    }
    fresh->text_ = joined(std::move(pieces), fresh->octets_);
    return fresh;
}

memory_body::~memory_body()
{
    if (pages_) {
        pages_->release(place_);
    }
}

std::size_t memory_body::memory_octets() const
{
    const std::size_t content =
        text_ ? text_->capacity() : static_cast<std::size_t>(place_.occupied_octets);
    return sizeof(memory_body) + overhead_octets + content;
}

}  // namespace cache
