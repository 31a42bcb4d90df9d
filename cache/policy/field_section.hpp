// The fields of one HTTP message (RFC 9110, section 5), in the order they were received.

#pragma once

#include <boost/beast/http/field.hpp>

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cache {

using field = boost::beast::http::field;

// token (RFC 9110, section 5.6.2): what a field name and a method consist of. False for "".
bool is_token(std::string_view text);

// field-value (RFC 9110, section 5.5): no control character but HTAB, no white space at either end.
// obs-text (octets from 0x80) is allowed. True for "".
bool is_field_value(std::string_view text);

// A value: one buffer with offsets, so that a section of forty lines costs two allocations and a
// copy of a section copies two blocks. Names keep the letter case they came with and compare
// without it. Views handed out are valid until the section is changed or destroyed.
class field_section
{
public:
    struct line
    {
        field id;  // field::unknown if the name is none that Beast lists
        std::string_view name;
        std::string_view value;
    };

    class const_iterator;

    // Appends a line. Name must be a token and value a field-value: the caller has parsed or
    // written them (an assertion checks). Lines of the same name are kept apart and in order.
    void add(std::string_view name, std::string_view value);
    void add(field name, std::string_view value);

    // Replaces every line of that name by one at the end.
    void set(std::string_view name, std::string_view value);
    void set(field name, std::string_view value);

    // Removes every line of that name; returns how many there were.
    std::size_t erase(std::string_view name);
    std::size_t erase(field name);

    // Removes the lines for which predicate(line) holds.
    template <class Predicate>
    std::size_t erase_if(Predicate predicate);

    std::optional<std::string_view> first(field name) const;
    std::optional<std::string_view> first(std::string_view name) const;
    bool contains(field name) const { return first(name).has_value(); }
    bool contains(std::string_view name) const { return first(name).has_value(); }
    std::size_t count(field name) const;
    std::size_t count(std::string_view name) const;

    // The lines of one name joined by ", " as RFC 9110, section 5.2 allows; nothing if there is
    // none.
    std::optional<std::string> combined(field name) const;
    std::optional<std::string> combined(std::string_view name) const;

    const_iterator begin() const;
    const_iterator end() const;
    std::size_t size() const { return entries_.size(); }
    bool empty() const { return entries_.empty(); }
    void clear();

    // Octets held, for accounting: names, values and the table of offsets.
    std::size_t memory_octets() const;

    // Same names (without case), same values, same order.
    friend bool operator==(const field_section& left, const field_section& right);

private:
    struct entry
    {
        field id;
        std::uint32_t offset;  // of the name; the value follows it
        std::uint32_t name_octets;
        std::uint32_t value_octets;
    };

    line at(std::size_t index) const;
    bool matches(const entry& candidate, field id, std::string_view name) const;
    void append(field id, std::string_view name, std::string_view value);
    template <class Visitor>
    void for_each(field id, std::string_view name, Visitor visit) const;

    std::string buffer_;
    std::vector<entry> entries_;
};

class field_section::const_iterator
{
public:
    using iterator_category = std::forward_iterator_tag;
    using value_type = line;
    using difference_type = std::ptrdiff_t;
    using pointer = void;
    using reference = line;

    const_iterator() = default;
    line operator*() const { return section_->at(index_); }
    const_iterator& operator++()
    {
        ++index_;
        return *this;
    }
    const_iterator operator++(int)
    {
        const_iterator before = *this;
        ++index_;
        return before;
    }
    friend bool operator==(const const_iterator&, const const_iterator&) = default;

private:
    friend class field_section;
    const_iterator(const field_section* section, std::size_t index)
        : section_{section}, index_{index}
    {
    }

    const field_section* section_ = nullptr;
    std::size_t index_ = 0;
};

template <class Predicate>
std::size_t field_section::erase_if(Predicate predicate)
{
    field_section kept;
    for (const line candidate : *this) {
        if (!predicate(candidate)) {
            kept.append(candidate.id, candidate.name, candidate.value);
        }
    }
    const std::size_t removed = size() - kept.size();
    if (removed != 0) {
        *this = std::move(kept);
    }
    return removed;
}

}  // namespace cache
