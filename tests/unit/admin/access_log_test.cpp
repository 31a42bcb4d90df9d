#include "proxy/admin/access_log.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <set>

namespace proxy {
namespace {

// A pipe whose other end is the log's standard output.
class AccessLogTest : public testing::Test
{
protected:
    AccessLogTest()
    {
        std::signal(SIGPIPE, SIG_IGN);
        std::array<int, 2> ends{};
        EXPECT_EQ(::pipe(ends.data()), 0);
        read_end_ = ends[0];
        write_end_ = ends[1];
    }
    ~AccessLogTest() override
    {
        close_reader();
        ::close(write_end_);
    }
    AccessLogTest(const AccessLogTest&) = delete;
    AccessLogTest& operator=(const AccessLogTest&) = delete;

    void close_reader()
    {
        if (read_end_ >= 0) {
            ::close(read_end_);
            read_end_ = -1;
        }
    }

    // Up to the end of what was written; close the write end first, or expect so many lines.
    std::string read_lines(std::uint64_t lines) const
    {
        std::string text;
        std::array<char, 65536> piece{};
        while (static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n')) < lines) {
            const ssize_t octets = ::read(read_end_, piece.data(), piece.size());
            if (octets <= 0) {
                break;
            }
            text.append(piece.data(), static_cast<std::size_t>(octets));
        }
        return text;
    }

    static log_record numbered(const std::string& target)
    {
        log_record record;
        record.method = "GET";
        record.target = target;
        record.status = 200;
        return record;
    }

    int read_end_ = -1;
    int write_end_ = -1;
};

TEST_F(AccessLogTest, LinesComeWithoutWaitingForMore)
{
    access_log_limits limits;
    limits.flush_interval = std::chrono::milliseconds{1};
    access_log log{log_format::common, 1, write_end_, limits};
    log.record(0, numbered("/one"));
    EXPECT_NE(read_lines(1).find("GET /one HTTP/1.1"), std::string::npos);
}

TEST_F(AccessLogTest, FullBufferIsWrittenBeforeItsTime)
{
    access_log_limits limits;
    limits.flush_interval = std::chrono::hours{1};
    limits.flush_octets = 100;
    access_log log{log_format::common, 1, write_end_, limits};
    log.record(0, numbered("/one"));
    log.record(0, numbered("/two"));
    EXPECT_NE(read_lines(2).find("/two"), std::string::npos);
}

TEST_F(AccessLogTest, EachRequestOfEachWorkerIsOneLineAndNoneIsLostAtTheEnd)
{
    constexpr int per_worker = 200;
    std::string text;
    {
        access_log log{log_format::common, 3, write_end_};
        std::vector<std::thread> workers;
        for (std::size_t worker = 0; worker < 3; ++worker) {
            workers.emplace_back([worker, &log] {
                for (int i = 0; i < per_worker; ++i) {
                    log.record(worker,
                        numbered("/" + std::to_string(worker) + "/" + std::to_string(i) + "\n"));
                }
            });
        }
        for (std::thread& worker : workers) {
            worker.join();
        }
        EXPECT_EQ(log.dropped(), 0U);
    }
    text = read_lines(3 * per_worker);
    std::set<std::string> distinct;
    std::size_t start = 0;
    for (std::size_t end = 0; (end = text.find('\n', start)) != std::string::npos;) {
        distinct.insert(text.substr(start, end - start));
        start = end + 1;
    }
    EXPECT_EQ(distinct.size(), 3U * per_worker);
    EXPECT_EQ(start, text.size());
}

TEST_F(AccessLogTest, ReaderThatTakesNothingCostsLinesAndNotTheWorker)
{
    access_log_limits limits;
    limits.buffer_octets = 10'000;
    limits.flush_octets = 5'000;
    limits.farewell = std::chrono::milliseconds{1};
    constexpr std::uint64_t many = 20'000;  // far more than a pipe holds
    std::uint64_t dropped = 0;
    {
        access_log log{log_format::common, 1, write_end_, limits};
        for (std::uint64_t i = 0; i < many; ++i) {
            log.record(0, numbered("/"));
        }
        dropped = log.dropped();
    }
    EXPECT_GT(dropped, many / 2);
}

TEST_F(AccessLogTest, ReaderThatIsGoneIsCounted)
{
    close_reader();
    access_log_limits limits;
    limits.flush_octets = 1;
    access_log log{log_format::common, 1, write_end_, limits};
    log.record(0, numbered("/"));
    while (log.dropped() == 0) {
        std::this_thread::yield();
    }
    EXPECT_EQ(log.dropped(), 1U);
}

}  // namespace
}  // namespace proxy
