#include "dht/core/bencode.hpp"

#include <array>
#include <charconv>

namespace dht::bencode {

// Reads one value from the first to the last octet of a text. Each step reads one part and stands
// in `open_` for what it is inside of.
class parser
{
public:
    explicit parser(std::string_view text) : text_(text) {}

    result<document> run()
    {
        do {
            const boost::system::error_code error = step();
            if (error) {
                return error;
            }
        } while (depth_ > 0);
        if (position_ != text_.size()) {
            return errc::bad_syntax;
        }
        return std::move(out_);
    }

private:
    using error_code = boost::system::error_code;
    using kind = document::kind;

    struct container
    {
        std::size_t index = 0;
        bool is_dictionary = false;
        bool key_next = false;
        bool has_key = false;
        std::string_view last_key;
    };

    error_code step()
    {
        if (position_ >= text_.size()) {
            return errc::bad_syntax;
        }
        const char octet = text_[position_];
        if (octet == 'e') {
            return close();
        }
        if (out_.items_.size() == most_items) {
            return errc::too_many_items;
        }
        if (depth_ > 0 && open_[depth_ - 1].key_next) {
            return read_key(open_[depth_ - 1]);
        }
        if (depth_ > 0 && open_[depth_ - 1].is_dictionary) {
            open_[depth_ - 1].key_next = true;
        }
        if (octet == 'd' || octet == 'l') {
            return open(octet == 'd');
        }
        return octet == 'i' ? read_integer() : read_string();
    }

    error_code open(bool is_dictionary)
    {
        if (depth_ == most_depth) {
            return errc::too_deep;
        }
        open_[depth_] = container{out_.items_.size(), is_dictionary, is_dictionary, false, {}};
        ++depth_;
        ++position_;
        out_.items_.push_back({is_dictionary ? kind::dictionary : kind::list, 0, 0, {}});
        return {};
    }

    error_code close()
    {
        // A dictionary may end only where a key could stand.
        if (depth_ == 0 || open_[depth_ - 1].is_dictionary != open_[depth_ - 1].key_next) {
            return errc::bad_syntax;
        }
        --depth_;
        ++position_;
        out_.items_[open_[depth_].index].next = out_.items_.size();
        return {};
    }

    error_code read_key(container& inside)
    {
        const error_code error = read_string();
        if (error) {
            return error;
        }
        const std::string_view key = out_.items_.back().text;
        if (inside.has_key && key <= inside.last_key) {
            return errc::not_canonical;
        }
        inside.last_key = key;
        inside.has_key = true;
        inside.key_next = false;
        return {};
    }

    error_code read_integer()
    {
        const std::size_t end = text_.find('e', position_);
        if (end == std::string_view::npos) {
            return errc::bad_syntax;
        }
        const std::string_view digits = text_.substr(position_ + 1, end - position_ - 1);
        std::int64_t number = 0;
        const char* const last = digits.data() + digits.size();
        const auto [stop, failure] = std::from_chars(digits.data(), last, number);
        if (failure == std::errc::result_out_of_range) {
            return errc::out_of_range;
        }
        if (failure != std::errc{} || stop != last) {
            return errc::bad_syntax;
        }
        if ((digits.size() > 1 && digits.front() == '0') || digits.starts_with("-0")) {
            return errc::not_canonical;
        }
        position_ = end + 1;
        out_.items_.push_back({kind::integer, out_.items_.size() + 1, number, {}});
        return {};
    }

    error_code read_string()
    {
        std::size_t length = 0;
        const char* const begin = text_.data() + position_;
        const char* const last = text_.data() + text_.size();
        const auto [stop, failure] = std::from_chars(begin, last, length);
        if (failure != std::errc{} || stop == last || *stop != ':') {
            return errc::bad_syntax;
        }
        if (stop - begin > 1 && *begin == '0') {
            return errc::not_canonical;
        }
        if (length > static_cast<std::size_t>(last - stop - 1)) {
            return errc::bad_syntax;
        }
        const std::string_view content{stop + 1, length};
        position_ = static_cast<std::size_t>(stop + 1 - text_.data()) + length;
        out_.items_.push_back({kind::string, out_.items_.size() + 1, 0, content});
        return {};
    }

    std::string_view text_;
    std::size_t position_ = 0;
    std::array<container, most_depth> open_{};
    std::size_t depth_ = 0;
    document out_;
};

result<document> document::parse(std::string_view text)
{
    return parser{text}.run();
}

value_view document::root() const
{
    return {this, 0};
}

const document::item* value_view::item() const
{
    return document_ == nullptr ? nullptr : &document_->items_[index_];
}

value_view value_view::at(std::size_t index) const
{
    return index < item()->next ? value_view{document_, index} : value_view{};
}

bool value_view::is_dictionary() const
{
    return document_ != nullptr && item()->type == document::kind::dictionary;
}

bool value_view::is_list() const
{
    return document_ != nullptr && item()->type == document::kind::list;
}

std::optional<std::int64_t> value_view::integer() const
{
    if (document_ == nullptr || item()->type != document::kind::integer) {
        return std::nullopt;
    }
    return item()->number;
}

std::optional<std::string_view> value_view::string() const
{
    if (document_ == nullptr || item()->type != document::kind::string) {
        return std::nullopt;
    }
    return item()->text;
}

value_view value_view::operator[](std::string_view key) const
{
    if (!is_dictionary()) {
        return {};
    }
    for (std::size_t index = index_ + 1; index < item()->next;) {
        const std::size_t value = index + 1;
        if (document_->items_[index].text == key) {
            return {document_, value};
        }
        index = document_->items_[value].next;
    }
    return {};
}

value_view value_view::first() const
{
    return is_list() ? at(index_ + 1) : value_view{};
}

value_view value_view::after(const value_view& element) const
{
    return element && is_list() ? at(element.item()->next) : value_view{};
}

writer& writer::begin_dictionary()
{
    text_.push_back('d');
    return *this;
}

writer& writer::begin_list()
{
    text_.push_back('l');
    return *this;
}

writer& writer::end()
{
    text_.push_back('e');
    return *this;
}

writer& writer::integer(std::int64_t number)
{
    text_.push_back('i');
    text_.append(std::to_string(number)).push_back('e');
    return *this;
}

writer& writer::string(std::string_view text)
{
    text_.append(std::to_string(text.size())).push_back(':');
    text_.append(text);
    return *this;
}

}  // namespace dht::bencode
