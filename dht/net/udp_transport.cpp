#include "dht/net/udp_transport.hpp"

#include "dht/core/rate_limiter.hpp"
#include "dht/net/contacts_file.hpp"
#include "dht/net/datagram_batch.hpp"
#include "dht/net/system_random.hpp"
#include "dht/net/udp_socket.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <atomic>
#include <future>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <utility>

namespace dht {
namespace {

constexpr std::size_t most_farewells = 1024;  // pointers taken back when the node ends

using boost::asio::ip::udp;
using clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr int batches_per_turn = 8;  // then timers and requests get theirs
constexpr std::chrono::seconds save_interval{300};

config core_settings(const udp_transport::settings& wanted)
{
    config out;
    out.network = wanted.network;
    out.level_bounds.resize(1);  // the whole network
    out.level_bounds.insert(
        out.level_bounds.end(), wanted.level_bounds.begin(), wanted.level_bounds.end());
    out.plain_krpc = wanted.plain_krpc;
    out.swarm = wanted.swarm;
    return out;
}

rate_limiter::limits source_limits(const config& usual)
{
    return {usual.source_rate, usual.source_burst, usual.source_slots};
}

template <class Result>
Result timed_out()
{
    Result nothing;
    nothing.timed_out = true;
    return nothing;
}

}  // namespace

// Lives on its thread. Only what is marked is touched from elsewhere.
class udp_transport::driver
{
public:
    explicit driver(const settings& wanted)
        : seeds_(wanted.seeds),
          contacts_file_(wanted.contacts_file),
          lease_lost_(wanted.lease_lost),
          work_(boost::asio::make_work_guard(context_)),
          socket_(open_socket(context_, wanted.bind)),
          timer_(context_),
          save_timer_(context_),
          local_(local_endpoint_of(socket_)),
          buffer_octets_(size_receive_buffer(socket_.native_handle(), wanted_buffer_octets)),
          limiter_(source_limits(config{}), random_),
          incoming_(config{}.datagram_octets),
          node_(local_,
              with_port(wanted.advertise, local_.port),
              core_settings(wanted),
              random_,
              clock::now())
    {
    }

    // Any thread.
    const endpoint& local() const { return local_; }

    // Any thread.
    std::size_t receive_buffer_octets() const { return buffer_octets_; }

    // Any thread.
    milliseconds expected_lookup_time() const { return milliseconds{expected_.load()}; }

    // Any thread.
    void start()
    {
        const std::lock_guard lock{lifecycle_};
        if (running_ || is_stopped()) {
            return;
        }
        running_ = true;
        boost::asio::post(context_, [this] { begin(); });
        thread_ = std::thread{[this] { context_.run(); }};
    }

    // Any thread but this object's own.
    void stop()
    {
        const std::lock_guard lock{lifecycle_};
        if (!post([this] { end(); }, true)) {
            return;
        }
        if (running_) {
            thread_.join();
        } else {
            context_.run();  // never started: what waits ends here
        }
        running_ = false;
    }

    // Any thread. Runs a task on this object's thread; false, and nothing done, after stop().
    template <class Task>
    bool post(Task task, bool is_last = false)
    {
        const std::lock_guard lock{mutex_};
        if (stopped_) {
            return false;
        }
        stopped_ = is_last;
        boost::asio::post(context_, std::move(task));
        return true;
    }

    // Any thread. What has no result: nothing is done after stop().
    template <class Task>
    void act(Task task)
    {
        post([this, task] {
            task(node_, present());
            carry_out();
        });
    }

    // Any thread. Begins an operation of the node; its result goes to the handler, an empty one
    // after stop().
    template <class Result, class Begin>
    void operate(Begin begin, std::function<void(Result)> handler)
    {
        const bool is_running = post([this, begin = std::move(begin), handler] {
            handlers_for(handler).emplace(begin(node_, present()), handler);
            carry_out();
        });
        if (!is_running) {
            handler(timed_out<Result>());
        }
    }

    // Any thread. The answer to a question about the node: from its thread while that runs.
    template <class Question>
    auto ask(Question question) -> decltype(question())
    {
        if (std::this_thread::get_id() == thread_id_.load()) {
            return question();
        }
        {
            const std::lock_guard lock{lifecycle_};
            if (!running_) {
                return question();
            }
        }
        std::promise<decltype(question())> promise;
        auto future = promise.get_future();
        if (post([&] { promise.set_value(question()); })) {
            return future.get();
        }
        const std::lock_guard until_stopped{lifecycle_};
        return question();
    }

    // From here on: the node's thread.

    statistics snapshot() const
    {
        statistics out = node_.snapshot();
        out.drops(drop_reason::over_rate) += over_rate_;
        out.drops(drop_reason::not_sent) += not_sent_;
        out.drops(drop_reason::not_read) += incoming_.overflows();
        out.failed_saves += failed_saves_;
        out.busy_keys = node_.loads(clock::now());
        return out;
    }

    std::vector<contact> contacts() const { return node_.contacts(); }

private:
    bool is_stopped()
    {
        const std::lock_guard lock{mutex_};
        return stopped_;
    }

    // The two clocks are read together each time: one of them is set, and stands still in a
    // computer that sleeps.
    time_point present()
    {
        const time_point now = clock::now();
        node_.set_unix_time(std::chrono::system_clock::now(), now);
        return now;
    }

    void begin()
    {
        thread_id_ = std::this_thread::get_id();
        std::vector<endpoint> remembered;
        if (!contacts_file_.empty()) {
            remembered = load_contacts(contacts_file_);
            save_later();
        }
        node_.join(seeds_, remembered, present());
        carry_out();
        wait_for_datagrams();
    }

    void end()
    {
        ended_ = true;
        save();
        boost::system::error_code ignored;
        socket_.close(ignored);
        timer_.cancel();
        save_timer_.cancel();
        work_.reset();
        end_all<get_result>(handlers_);
        end_all<claim_result>(claim_handlers_);
    }

    template <class Result, class Handlers>
    void end_all(Handlers& handlers)
    {
        Handlers waiting;
        waiting.swap(handlers);
        for (auto& [operation, handler] : waiting) {
            node_.cancel(operation);
            handler(timed_out<Result>());
        }
    }

    void wait_for_datagrams()
    {
        socket_.async_wait(udp::socket::wait_read, [this](boost::system::error_code error) {
            if (!error && !ended_) {
                read_datagrams();
                wait_for_datagrams();
            }
        });
    }

    void read_datagrams()
    {
        for (int turn = 0; turn < batches_per_turn; ++turn) {
            const auto& received = incoming_.receive(socket_.native_handle());
            const time_point now = present();
            for (const auto& [from, octets] : received) {
                if (limiter_.admits(from, now)) {
                    node_.handle_datagram(from, octets, now);
                } else {
                    ++over_rate_;
                }
            }
            carry_out();
            if (received.size() < batch_size) {
                return;
            }
        }
    }

    // Sends what the node wants sent, hands out results, and sets the timer.
    void carry_out()
    {
        while (auto next = node_.poll_output()) {
            if (auto* datagram = std::get_if<send_datagram>(&*next)) {
                outgoing_.add(datagram->to, std::move(datagram->octets));
                if (outgoing_.is_full()) {
                    send();
                }
            } else if (auto* done = std::get_if<get_done>(&*next)) {
                finish(handlers_, *done);
            } else if (auto* claimed = std::get_if<claim_done>(&*next)) {
                finish(claim_handlers_, *claimed);
            } else if (const auto* lost = std::get_if<lease_lost>(&*next); lost && lease_lost_) {
                lease_lost_(lost->key, lost->number);
            }
        }
        send();
        expected_ = std::chrono::ceil<milliseconds>(node_.expected_lookup_time()).count();
        set_timer();
    }

    void send() { not_sent_ += outgoing_.send(socket_.native_handle()); }

    auto& handlers_for(const get_handler& /*kind*/) { return handlers_; }
    auto& handlers_for(const claim_handler& /*kind*/) { return claim_handlers_; }

    // An operation may end before its handler is known: in the call that begins it. Its output is
    // read after the handler was entered.
    template <class Handlers, class Done>
    static void finish(Handlers& handlers, Done& done)
    {
        const auto found = handlers.find(done.operation);
        if (found != handlers.end()) {
            const auto handler = std::move(found->second);
            handlers.erase(found);
            handler(std::move(done.result));
        }
    }

    void set_timer()
    {
        const std::optional<time_point> due = node_.next_timeout();
        if (!due || due == timer_due_) {
            return;
        }
        timer_due_ = due;
        timer_.expires_at(*due);
        timer_.async_wait([this](boost::system::error_code error) {
            if (!error && !ended_) {
                timer_due_.reset();
                node_.handle_timeout(present());
                carry_out();
            }
        });
    }

    void save_later()
    {
        save_timer_.expires_after(save_interval);
        save_timer_.async_wait([this](boost::system::error_code error) {
            if (!error && !ended_) {
                save();
                save_later();
            }
        });
    }

    // A file that cannot be written costs the next start a join through the seeds.
    void save()
    {
        const std::vector<endpoint> known = node_.contacts_to_remember();
        if (!contacts_file_.empty() && !known.empty()) {
            failed_saves_ += save_contacts(contacts_file_, known) ? 1 : 0;
        }
    }

    std::vector<endpoint> seeds_;
    std::filesystem::path contacts_file_;
    std::function<void(const node_id&, lease_number)> lease_lost_;

    boost::asio::io_context context_{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
    udp::socket socket_;
    boost::asio::steady_timer timer_;
    boost::asio::steady_timer save_timer_;
    endpoint local_;
    std::size_t buffer_octets_;
    system_random random_;
    rate_limiter limiter_;
    receive_batch incoming_;
    send_batch outgoing_;
    node node_;
    std::unordered_map<operation_id, get_handler> handlers_;
    std::unordered_map<operation_id, claim_handler> claim_handlers_;
    std::optional<time_point> timer_due_;
    bool ended_ = false;
    std::uint64_t over_rate_ = 0;
    std::uint64_t not_sent_ = 0;
    std::uint64_t failed_saves_ = 0;

    std::atomic<milliseconds::rep> expected_{0};
    std::atomic<std::thread::id> thread_id_{};
    std::mutex lifecycle_;  // guards running_ and thread_
    bool running_ = false;
    std::thread thread_;
    std::mutex mutex_;  // guards stopped_, so that nothing is posted behind end()
    bool stopped_ = false;
};

udp_transport::udp_transport(const settings& wanted) : driver_(std::make_unique<driver>(wanted))
{
}

udp_transport::~udp_transport()
{
    stop();
}

endpoint udp_transport::local_endpoint() const
{
    return driver_->local();
}

std::size_t udp_transport::receive_buffer_octets() const
{
    return driver_->receive_buffer_octets();
}

void udp_transport::start()
{
    driver_->start();
}

void udp_transport::stop()
{
    driver_->stop();
}

void udp_transport::get(const node_id& key, std::chrono::milliseconds budget, get_handler handler)
{
    driver_->operate([key, budget](node& of, time_point now) { return of.get(key, budget, now); },
        std::move(handler));
}

void udp_transport::get_again(const node_id& key,
    std::vector<endpoint> rejected,
    std::chrono::milliseconds budget,
    get_handler handler)
{
    auto begin = [key, rejected = std::move(rejected), budget](
                     node& of, time_point now) { return of.get_again(key, rejected, budget, now); };
    driver_->operate(std::move(begin), std::move(handler));
}

void udp_transport::trace(const node_id& key, std::chrono::milliseconds budget, get_handler handler)
{
    driver_->operate([key, budget](node& of, time_point now) { return of.trace(key, budget, now); },
        std::move(handler));
}

void udp_transport::claim(const node_id& key,
    lease_number silent,
    std::chrono::milliseconds budget,
    claim_handler handler)
{
    const auto begin = [key, silent, budget](node& of, time_point now) {
        return of.claim_lost(key, silent, budget, now);
    };
    driver_->operate(begin, std::move(handler));
}

void udp_transport::renew(const node_id& key, lease_number number, const fetch_progress& progress)
{
    driver_->act(
        [key, number, progress](node& it, time_point) { it.renew(key, number, progress); });
}

void udp_transport::complete(
    const node_id& key, lease_number number, const pointer& value, std::chrono::seconds life)
{
    driver_->act([key, number, value, life](
                     node& it, time_point now) { it.complete(key, number, value, life, now); });
}

void udp_transport::release(const node_id& key, lease_number number, release_reason why)
{
    driver_->act(
        [key, number, why](node& it, time_point now) { it.release(key, number, why, now); });
}

void udp_transport::announce(const node_id& key, const pointer& value, std::chrono::seconds life)
{
    driver_->act(
        [key, value, life](node& it, time_point now) { it.announce(key, value, life, now); });
}

void udp_transport::withdraw(const node_id& key)
{
    driver_->act([key](node& it, time_point now) { it.withdraw(key, now); });
}

void udp_transport::withdraw_all()
{
    driver_->act([](node& it, time_point now) { it.withdraw_all(most_farewells, now); });
}

std::chrono::milliseconds udp_transport::expected_lookup_time() const
{
    return driver_->expected_lookup_time();
}

statistics udp_transport::snapshot() const
{
    return driver_->ask([it = driver_.get()] { return it->snapshot(); });
}

std::vector<contact> udp_transport::contacts() const
{
    return driver_->ask([it = driver_.get()] { return it->contacts(); });
}

}  // namespace dht
