// Bencoding (BEP 3): a strict reader and a writer. One value has one encoding here, so what was
// read is what the sender wrote: keys in order, none twice, no needless digit, nothing left over.

#pragma once

#include "dht/core/errc.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dht::bencode {

constexpr std::size_t most_items = 320;  // a reply of libtorrent has 100 values, ours 30 parts
constexpr std::size_t most_depth = 8;    // a message of ours has 3 levels

class value_view;

// A parsed value as a flat list of its parts in reading order, so that neither parsing nor walking
// recurses. Refers to the text it was parsed from, which must outlive it.
class document
{
public:
    static result<document> parse(std::string_view text);

    value_view root() const;

private:
    friend class parser;
    friend class value_view;

    enum class kind : std::uint8_t
    {
        integer,
        string,
        list,
        dictionary,
    };

    struct item
    {
        kind type = kind::integer;
        std::size_t next = 0;  // first part after this one and everything inside
        std::int64_t number = 0;
        std::string_view text;
    };

    std::vector<item> items_;
};

// One value of a document, or "absent". Asking an absent value, or one of another type, is allowed
// and answers with nothing.
class value_view
{
public:
    value_view() = default;

    explicit operator bool() const { return document_ != nullptr; }
    bool is_dictionary() const;
    bool is_list() const;

    std::optional<std::int64_t> integer() const;
    std::optional<std::string_view> string() const;

    // The value of a key; absent if this is no dictionary or has no such key.
    value_view operator[](std::string_view key) const;

    // The elements of a list in order: for (auto v = list.first(); v; v = list.after(v)).
    value_view first() const;
    value_view after(const value_view& element) const;

private:
    friend class document;

    value_view(const document* owner, std::size_t index) : document_(owner), index_(index) {}
    const document::item* item() const;
    value_view at(std::size_t index) const;

    const document* document_ = nullptr;
    std::size_t index_ = 0;
};

// Appends values to a text. The caller writes keys in order.
class writer
{
public:
    writer& begin_dictionary();
    writer& begin_list();
    writer& end();
    writer& integer(std::int64_t number);
    writer& string(std::string_view text);

    std::size_t size() const { return text_.size(); }
    std::string take() { return std::move(text_); }

private:
    std::string text_;
};

}  // namespace dht::bencode
