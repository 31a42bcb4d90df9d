#include "dht/net/pending_get.hpp"

#include <iterator>

namespace dht {
namespace {

template <class T>
void append(std::vector<T>& all, std::vector<T>&& some)
{
    all.insert(
        all.end(), std::make_move_iterator(some.begin()), std::make_move_iterator(some.end()));
}

}  // namespace

bool pending_get::ended(const part& one, get_result result)
{
    std::erase(parts_, one);
    append(found_.pointers, std::move(result.pointers));
    append(found_.trace, std::move(result.trace));
    found_.hops += result.hops;
    found_.queries += result.queries;
    // Late is who had to be waited for in vain.
    found_.timed_out = (found_.timed_out || result.timed_out) && found_.pointers.empty();
    return parts_.empty() || (!wants_all_ && !found_.pointers.empty());
}

void pending_get::tell(bool timed_out)
{
    found_.timed_out = found_.timed_out || timed_out;
    done_(std::move(found_));
}

}  // namespace dht
