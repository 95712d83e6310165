// The rows of bench/runtime.c with CAF 0.17: event-based actors; their mailboxes have no bound.
//
//     runtime ROW COUNT        prints operations a second
#include <caf/all.hpp>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <thread>
#include <vector>

using namespace caf;

namespace {

using wire_atom = atom_constant<atom("wire")>;
using more_atom = atom_constant<atom("more")>;
using done_atom = atom_constant<atom("done")>;

constexpr uint64_t senders = 4;
constexpr uint64_t burst = 100;   // of a sender, before it lets others run
constexpr uint64_t members = 100; // of the ring
constexpr uint64_t all = 100;
constexpr uint64_t forks = 100000;

class echo : public event_based_actor {
public:
  using event_based_actor::event_based_actor;
  behavior make_behavior() override {
    return {[](uint64_t value) { return value; }};
  }
};

class asker : public event_based_actor {
public:
  asker(actor_config& cfg, actor to, uint64_t count)
      : event_based_actor(cfg), to_(std::move(to)), left_(count) {}
  behavior make_behavior() override {
    ask();
    return {[](done_atom) {}}; // waits for replies only
  }

private:
  void ask() {
    if (left_-- == 0) {
      quit();
      return;
    }
    request(to_, infinite, left_).then([this](uint64_t) { ask(); });
  }
  actor to_;
  uint64_t left_;
};

class counter : public event_based_actor {
public:
  counter(actor_config& cfg, uint64_t count) : event_based_actor(cfg), left_(count) {}
  behavior make_behavior() override {
    return {[this](uint64_t) {
      if (--left_ == 0)
        quit();
    }};
  }

private:
  uint64_t left_;
};

class sender : public event_based_actor {
public:
  sender(actor_config& cfg, actor to, uint64_t count)
      : event_based_actor(cfg), to_(std::move(to)), left_(count) {}
  behavior make_behavior() override {
    send(this, more_atom::value);
    return {[this](more_atom) {
      for (uint64_t i = 0; i < burst && left_ > 0; i++)
        send(to_, left_--);
      if (left_ > 0)
        send(this, more_atom::value);
      else
        quit();
    }};
  }

private:
  actor to_;
  uint64_t left_;
};

class link : public event_based_actor {
public:
  using event_based_actor::event_based_actor;
  behavior make_behavior() override {
    return {
      [this](wire_atom, const actor& next, const actor& finish) {
        next_ = next;
        finish_ = finish;
      },
      [this](uint64_t hops) {
        if (hops > 0)
          send(next_, hops - 1);
        else
          send(finish_, hops);
      },
    };
  }

private:
  actor next_, finish_;
};

class peer : public event_based_actor {
public:
  peer(actor_config& cfg, uint64_t rounds) : event_based_actor(cfg), rounds_(rounds) {}
  behavior make_behavior() override {
    return {
      [this](wire_atom, const actor& other) {
        others_.push_back(other);
        go_on();
      },
      [this](uint64_t) {
        received_++;
        go_on();
      },
    };
  }

private:
  // Others may have been wired, and have sent, before this one.
  void go_on() {
    while (others_.size() == all - 1 && received_ >= sent_ * (all - 1)) {
      if (sent_ == rounds_) {
        quit();
        return;
      }
      sent_++;
      for (auto& other : others_)
        send(other, sent_);
    }
  }
  std::vector<actor> others_;
  uint64_t received_ = 0, sent_ = 0, rounds_;
};

class short_lived : public event_based_actor {
public:
  short_lived(actor_config& cfg, uint64_t) : event_based_actor(cfg) {}
  behavior make_behavior() override {
    return {}; // ends at once
  }
};

void ask(actor_system& system, uint64_t count) {
  system.spawn<asker>(system.spawn<echo>(), count);
  system.await_all_actors_done();
}

void fan_in(actor_system& system, uint64_t count) {
  auto to = system.spawn<counter>(count / senders * senders);
  for (uint64_t i = 0; i < senders; i++)
    system.spawn<sender>(to, count / senders);
  to = nullptr;
  system.await_all_actors_done();
}

void ring(actor_system& system, uint64_t count) {
  auto finish = system.spawn<counter>(1);
  std::vector<actor> links;
  scoped_actor self{system};
  for (uint64_t i = 0; i < members; i++)
    links.push_back(system.spawn<link>());
  for (uint64_t i = 0; i < members; i++)
    self->send(links[i], wire_atom::value, links[(i + 1) % members], finish);
  self->send(links[0], count);
  self->wait_for(finish);
  for (auto& each : links)
    self->send_exit(each, exit_reason::user_shutdown);
  self->wait_for(links);
}

void all_to_all(actor_system& system, uint64_t count) {
  std::vector<actor> peers;
  for (uint64_t i = 0; i < all; i++)
    peers.push_back(system.spawn<peer>(count / (all * (all - 1))));
  for (uint64_t i = 0; i < all; i++)
    for (uint64_t j = 1; j < all; j++)
      anon_send(peers[i], wire_atom::value, peers[(i + j) % all]);
  peers.clear();
  system.await_all_actors_done();
}

void fork_join(actor_system& system, uint64_t count) {
  for (uint64_t made = 0; made < count; made += forks) {
    for (uint64_t i = 0; i < forks; i++)
      system.spawn<short_lived>(i);
    system.await_all_actors_done();
  }
}

} // namespace

int main(int argc, char** argv) {
  const std::map<std::string, void (*)(actor_system&, uint64_t)> rows = {
    {"ask", ask},
    {"fan-in", fan_in},
    {"ring", ring},
    {"all-to-all", all_to_all},
    {"fork-join", fork_join},
  };
  if (argc != 3 || rows.count(argv[1]) == 0) {
    std::fprintf(stderr, "usage: runtime ROW COUNT\n");
    return 2;
  }
  auto run = rows.at(argv[1]);
  uint64_t count = std::strtoull(argv[2], nullptr, 10);
  actor_system_config config;
  // CAF would take at least four.
  config.set("scheduler.max-threads", std::thread::hardware_concurrency());
  actor_system system{config};

  run(system, count / 10);
  auto started = std::chrono::steady_clock::now();
  run(system, count);
  std::chrono::duration<double> taken = std::chrono::steady_clock::now() - started;
  std::printf("%.0f\n", static_cast<double>(count) / taken.count());
  return 0;
}
