#include "cache/policy/field_section.hpp"

#include "cache/policy/grammar.hpp"

#include <boost/assert.hpp>

#include <algorithm>
#include <array>

namespace cache {
namespace {

constexpr std::array<bool, 256> make_token_table()
{
    std::array<bool, 256> table{};
    for (unsigned c = '0'; c <= '9'; ++c) {
        table[c] = true;
    }
    for (unsigned c = 'a'; c <= 'z'; ++c) {
        table[c] = true;
        table[c - 'a' + 'A'] = true;
    }
    for (const char c : std::string_view{"!#$%&'*+-.^_`|~"}) {
        table[static_cast<unsigned char>(c)] = true;
    }
    return table;
}

constexpr std::array<bool, 256> token_table = make_token_table();

}  // namespace

bool is_token(std::string_view text)
{
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return token_table[static_cast<unsigned char>(c)];
    });
}

bool is_field_value(std::string_view text)
{
    const auto blank = [](char c) { return c == ' ' || c == '\t'; };
    if (!text.empty() && (blank(text.front()) || blank(text.back()))) {
        return false;
    }
    return std::all_of(text.begin(), text.end(), [](char c) {
        const auto octet = static_cast<unsigned char>(c);
        return octet == '\t' || (octet >= 0x20 && octet != 0x7f);
    });
}

void field_section::add(std::string_view name, std::string_view value)
{
    BOOST_ASSERT(is_token(name));
    BOOST_ASSERT(is_field_value(value));
    append(boost::beast::http::string_to_field(name), name, value);
}

void field_section::add(field name, std::string_view value)
{
    BOOST_ASSERT(name != field::unknown);
    BOOST_ASSERT(is_field_value(value));
    append(name, boost::beast::http::to_string(name), value);
}

void field_section::set(std::string_view name, std::string_view value)
{
    erase(name);
    add(name, value);
}

void field_section::set(field name, std::string_view value)
{
    erase(name);
    add(name, value);
}

std::size_t field_section::erase(std::string_view name)
{
    const field id = boost::beast::http::string_to_field(name);
    return erase_if([&](const line& candidate) {
        return id != field::unknown ? candidate.id == id : equal_without_case(candidate.name, name);
    });
}

std::size_t field_section::erase(field name)
{
    BOOST_ASSERT(name != field::unknown);
    return erase_if([&](const line& candidate) { return candidate.id == name; });
}

std::optional<std::string_view> field_section::first(field name) const
{
    BOOST_ASSERT(name != field::unknown);
    for (std::size_t i = 0; i != entries_.size(); ++i) {
        if (entries_[i].id == name) {
            return at(i).value;
        }
    }
    return std::nullopt;
}

std::optional<std::string_view> field_section::first(std::string_view name) const
{
    const field id = boost::beast::http::string_to_field(name);
    for (std::size_t i = 0; i != entries_.size(); ++i) {
        if (matches(entries_[i], id, name)) {
            return at(i).value;
        }
    }
    return std::nullopt;
}

std::size_t field_section::count(field name) const
{
    BOOST_ASSERT(name != field::unknown);
    return static_cast<std::size_t>(std::count_if(
        entries_.begin(), entries_.end(), [&](const entry& e) { return e.id == name; }));
}

std::size_t field_section::count(std::string_view name) const
{
    std::size_t found = 0;
    for_each(boost::beast::http::string_to_field(name), name, [&](std::string_view) { ++found; });
    return found;
}

std::optional<std::string> field_section::combined(field name) const
{
    return combined(boost::beast::http::to_string(name));
}

std::optional<std::string> field_section::combined(std::string_view name) const
{
    std::optional<std::string> joined;
    for_each(boost::beast::http::string_to_field(name), name, [&](std::string_view value) {
        if (joined) {
            joined->append(", ").append(value);
        } else {
            joined.emplace(value);
        }
    });
    return joined;
}

field_section::const_iterator field_section::begin() const
{
    return {this, 0};
}

field_section::const_iterator field_section::end() const
{
    return {this, entries_.size()};
}

void field_section::clear()
{
    buffer_.clear();
    entries_.clear();
}

std::size_t field_section::memory_octets() const
{
    return buffer_.capacity() + entries_.capacity() * sizeof(entry);
}

bool operator==(const field_section& left, const field_section& right)
{
    if (left.size() != right.size()) {
        return false;
    }
    for (std::size_t i = 0; i != left.size(); ++i) {
        const field_section::line a = left.at(i);
        const field_section::line b = right.at(i);
        if (!equal_without_case(a.name, b.name) || a.value != b.value) {
            return false;
        }
    }
    return true;
}

field_section::line field_section::at(std::size_t index) const
{
    const entry& e = entries_[index];
    const std::string_view all{buffer_};
    return {e.id,
        all.substr(e.offset, e.name_octets),
        all.substr(e.offset + e.name_octets, e.value_octets)};
}

bool field_section::matches(const entry& candidate, field id, std::string_view name) const
{
    if (id != field::unknown) {
        return candidate.id == id;
    }
    return candidate.id == field::unknown &&
           equal_without_case(
               std::string_view{buffer_}.substr(candidate.offset, candidate.name_octets), name);
}

void field_section::append(field id, std::string_view name, std::string_view value)
{
    const auto offset = static_cast<std::uint32_t>(buffer_.size());
    buffer_.append(name).append(value);
    entries_.push_back({id,
        offset,
        static_cast<std::uint32_t>(name.size()),
        static_cast<std::uint32_t>(value.size())});
}

template <class Visitor>
void field_section::for_each(field id, std::string_view name, Visitor visit) const
{
    for (std::size_t i = 0; i != entries_.size(); ++i) {
        if (matches(entries_[i], id, name)) {
            visit(at(i).value);
        }
    }
}

}  // namespace cache
