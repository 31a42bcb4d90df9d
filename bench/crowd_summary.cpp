#include "bench/crowd_summary.hpp"

#include <algorithm>

namespace bench {

double crowd_summary::offload() const
{
    if (client_octets == 0) {
        return 0;
    }
    return 1 - static_cast<double>(origin.octets) / static_cast<double>(client_octets);
}

crowd_summary summarize(const crowd& people, const support::origin_count& origin)
{
    crowd_summary result;
    std::vector<crowd_clock::duration> waits;
    for (const request_record& record : people.records()) {
        ++result.asked;
        result.correct += record.end == outcome::correct ? 1 : 0;
        result.wrong_bodies += record.end == outcome::wrong_body ? 1 : 0;
        result.failed += record.end == outcome::failed ? 1 : 0;
        result.refused += record.refused;
        result.cut_off += record.cut_off;
        result.client_octets += record.octets;
        if (record.end == outcome::correct || record.end == outcome::wrong_body) {
            ++result.from.at(support::index_of(record.source));
            waits.push_back(record.waited);
        }
    }
    std::sort(waits.begin(), waits.end());
    if (!waits.empty()) {
        result.median = waits[(waits.size() - 1) / 2];
        result.percentile_99 = waits[(waits.size() - 1) * 99 / 100];
        result.maximum = waits.back();
    }
    result.origin = origin;
    result.elapsed = people.elapsed();
    return result;
}

}  // namespace bench
