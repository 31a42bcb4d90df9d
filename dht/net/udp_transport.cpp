#include "dht/net/udp_transport.hpp"

#include "dht/net/contacts_file.hpp"
#include "dht/net/pending_get.hpp"
#include "dht/net/socket_node.hpp"
#include "dht/net/udp_socket.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <atomic>
#include <future>
#include <limits>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

namespace dht {
namespace {

constexpr std::size_t most_farewells = 1024;  // pointers taken back when the node ends

using std::chrono::milliseconds;

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
          save_timer_(context_)
    {
        const config settings = core_settings(wanted);
        for (const endpoint& where : wanted.bind) {
            const std::size_t number = families_.size();
            families_.push_back(std::make_unique<socket_node>(context_,
                where,
                of_family(wanted.advertise, where.address.is_v4()),
                settings,
                socket_node::handlers{
                    [this, number](output what) { handle(number, std::move(what)); },
                    [this] { note_lookup_time(); }}));
        }
    }

    // Any thread.
    const auto& families() const { return families_; }

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

    // Any thread. What has no result, for the node of each family; nothing is done after stop().
    template <class Task>
    void act(Task task)
    {
        post([this, task] {
            for (const auto& one : families_) {
                task(one->core(), one->present());
            }
            carry_out();
        });
    }

    // Any thread. A get in the tables of all families; an empty result after stop().
    template <class Begin>
    void get(Begin begin, bool wants_all, get_handler handler)
    {
        const auto pending = std::make_shared<pending_get>(wants_all, handler);
        const bool is_running = post([this, begin = std::move(begin), pending] {
            for (std::size_t number = 0; number < families_.size(); ++number) {
                socket_node& one = *families_[number];
                const pending_get::part running{number, begin(one.core(), one.present())};
                pending->begun(running);
                gets_.emplace(running, pending);
            }
            carry_out();
        });
        if (!is_running) {
            handler(timed_out<get_result>());
        }
    }

    // Any thread. A claim in the table of the first family that has anybody in it: the right to
    // fetch is one.
    template <class Begin>
    void claim(Begin begin, claim_handler handler)
    {
        const bool is_running = post([this, begin = std::move(begin), handler] {
            const bool is_second = families_.size() > 1 && !has_contacts(0) && has_contacts(1);
            const std::size_t number = is_second ? 1 : 0;
            socket_node& one = *families_[number];
            claims_.emplace(part{number, begin(one.core(), one.present())}, handler);
            carry_out();
        });
        if (!is_running) {
            handler(timed_out<claim_result>());
        }
    }

    // Any thread. The answer to a question about the nodes: from their thread while that runs.
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

    // From here on: the nodes' thread.

    std::vector<statistics> snapshots() const
    {
        std::vector<statistics> all(families_.size());
        std::transform(families_.begin(), families_.end(), all.begin(), [](const auto& one) {
            return one->snapshot();
        });
        all.front().failed_saves += failed_saves_;
        return all;
    }

    std::vector<contact> contacts() const { return of_all(&node::contacts); }

private:
    using part = pending_get::part;

    bool is_stopped()
    {
        const std::lock_guard lock{mutex_};
        return stopped_;
    }

    template <class T>
    std::vector<T> of_all(std::vector<T> (node::*question)() const) const
    {
        std::vector<T> all;
        for (const auto& one : families_) {
            const std::vector<T> some = (one->core().*question)();
            all.insert(all.end(), some.begin(), some.end());
        }
        return all;
    }

    bool has_contacts(std::size_t number) const
    {
        return families_[number]->core().snapshot().good_contacts > 0;
    }

    void begin()
    {
        thread_id_ = std::this_thread::get_id();
        std::vector<endpoint> remembered;
        if (!contacts_file_.empty()) {
            remembered = load_contacts(contacts_file_);
            save_later();
        }
        for (const auto& one : families_) {
            one->begin(seeds_, remembered);
        }
    }

    void end()
    {
        save();
        for (const auto& one : families_) {
            one->end();
        }
        save_timer_.cancel();
        work_.reset();
        while (!gets_.empty()) {
            const auto pending = gets_.begin()->second;
            give_up(*pending);
            pending->tell(true);
        }
        while (!claims_.empty()) {
            const auto [operation, handler] = *claims_.begin();
            claims_.erase(claims_.begin());
            families_[operation.first]->core().cancel(operation.second);
            handler(timed_out<claim_result>());
        }
    }

    // The parts of a get that are still running.
    void give_up(const pending_get& pending)
    {
        for (const part& one : pending.parts()) {
            families_[one.first]->core().cancel(one.second);
            gets_.erase(one);
        }
    }

    void carry_out()
    {
        for (const auto& one : families_) {
            one->carry_out();
        }
    }

    // What the node of a family has to say.
    void handle(std::size_t number, output what)
    {
        if (auto* done = std::get_if<get_done>(&what)) {
            finish_get({number, done->operation}, std::move(done->result));
        } else if (auto* claimed = std::get_if<claim_done>(&what)) {
            const auto found = claims_.find({number, claimed->operation});
            if (found != claims_.end()) {
                const auto handler = std::move(found->second);
                claims_.erase(found);
                handler(std::move(claimed->result));
            }
        } else if (const auto* lost = std::get_if<lease_lost>(&what); lost && lease_lost_) {
            lease_lost_(lost->key, lost->number);
        }
    }

    void finish_get(const part& which, get_result result)
    {
        const auto found = gets_.find(which);
        if (found == gets_.end()) {
            return;
        }
        const auto pending = found->second;
        gets_.erase(found);
        if (pending->ended(which, std::move(result))) {
            give_up(*pending);
            pending->tell();
        }
    }

    // The slower of the families has to be waited for.
    void note_lookup_time()
    {
        duration slowest{};
        for (const auto& one : families_) {
            slowest = std::max(slowest, one->core().expected_lookup_time());
        }
        expected_ = std::chrono::ceil<milliseconds>(slowest).count();
    }

    void save_later()
    {
        save_timer_.expires_after(save_interval);
        save_timer_.async_wait([this](boost::system::error_code error) {
            if (!error && !is_stopped()) {
                save();
                save_later();
            }
        });
    }

    // A file that cannot be written costs the next start a join through the seeds.
    void save()
    {
        const std::vector<endpoint> known = of_all(&node::contacts_to_remember);
        if (!contacts_file_.empty() && !known.empty()) {
            failed_saves_ += save_contacts(contacts_file_, known) ? 1 : 0;
        }
    }

    std::vector<endpoint> seeds_;
    std::filesystem::path contacts_file_;
    std::function<void(const node_id&, lease_number)> lease_lost_;

    boost::asio::io_context context_{1};
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
    boost::asio::steady_timer save_timer_;
    std::vector<std::unique_ptr<socket_node>> families_;
    std::map<part, std::shared_ptr<pending_get>> gets_;
    std::map<part, claim_handler> claims_;
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
    return driver_->families().front()->local();
}

std::vector<endpoint> udp_transport::local_endpoints() const
{
    std::vector<endpoint> all;
    for (const auto& one : driver_->families()) {
        all.push_back(one->local());
    }
    return all;
}

std::size_t udp_transport::receive_buffer_octets() const
{
    std::size_t least = std::numeric_limits<std::size_t>::max();
    for (const auto& one : driver_->families()) {
        least = std::min(least, one->receive_buffer_octets());
    }
    return least;
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
    driver_->get([key, budget](node& of, time_point now) { return of.get(key, budget, now); },
        false,
        std::move(handler));
}

void udp_transport::get_again(const node_id& key,
    std::vector<endpoint> rejected,
    std::chrono::milliseconds budget,
    get_handler handler)
{
    auto begin = [key, rejected = std::move(rejected), budget](
                     node& of, time_point now) { return of.get_again(key, rejected, budget, now); };
    driver_->get(std::move(begin), true, std::move(handler));
}

void udp_transport::trace(const node_id& key, std::chrono::milliseconds budget, get_handler handler)
{
    driver_->get([key, budget](node& of, time_point now) { return of.trace(key, budget, now); },
        true,
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
    driver_->claim(begin, std::move(handler));
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
    return snapshots().front();
}

std::vector<statistics> udp_transport::snapshots() const
{
    return driver_->ask([it = driver_.get()] { return it->snapshots(); });
}

std::vector<contact> udp_transport::contacts() const
{
    return driver_->ask([it = driver_.get()] { return it->contacts(); });
}

}  // namespace dht
