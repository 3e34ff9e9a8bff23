#pragma once
// Who is connected to console.sock: they get the last output at once and all that follows; what they send goes to the
// terminal, if there is one. Who does not keep up is disconnected: the container waits for nobody.

#include "kernel.hpp"

namespace keeper {

class Console {
 public:
  static constexpr int most = 8;

  explicit Console(int listener) : listener_(listener) {
    for (int& client : clients_) client = -1;
  }

  /// What to poll: the listener, then the clients; those are only heard while `hears`.
  void watch(PollEntry* entries, bool hears) const {
    entries[0] = {listener_, poll_in, 0};
    for (int i = 0; i < most; ++i)
      entries[1 + i] = {clients_[i], static_cast<short>(hears && !mute_[i] ? poll_in : 0), 0};
  }

  /// Deals with what was polled; bytes for the terminal are put into `input`, which takes `space` of them. Their number.
  size_t serve(const PollEntry* entries, char* input, size_t space) {
    size_t got = 0;
    for (int i = 0; i < most; ++i) {
      const short returned = entries[1 + i].returned;
      if (clients_[i] < 0 || returned == 0) continue;
      if ((returned & poll_in) != 0 && got < space) {
        const long size = read(clients_[i], input + got, space - got);
        if (size > 0) got += static_cast<size_t>(size);
        // Its end of file is no reason to stop sending.
        if (size == 0) mute_[i] = true;
        if (size >= 0 || size == err_again) continue;
      }
      if ((returned & (poll_hang_up | poll_error)) != 0) drop(i);
    }
    if ((entries[0].returned & poll_in) != 0) take_client();
    return got;
  }

  void send_all(const char* data, size_t size) {
    remember(data, size);
    for (int i = 0; i < most; ++i) {
      if (clients_[i] >= 0 && send(clients_[i], data, size) != static_cast<long>(size)) drop(i);
    }
  }

 private:
  static constexpr size_t history_size = 8192;

  void drop(int i) {
    close(clients_[i]);
    clients_[i] = -1;
  }

  void take_client() {
    constexpr int nonblocking_close_on_exec = 04000 | 02000000;
    const long client = kernel(__NR_accept4, listener_, 0, 0, nonblocking_close_on_exec);
    if (client < 0) return;
    int place = 0;
    while (place < most && clients_[place] >= 0) ++place;
    if (place == most) return close(client);
    clients_[place] = static_cast<int>(client);
    mute_[place] = false;
    const size_t begin = seen_ > history_size ? seen_ % history_size : 0;
    const size_t end = seen_ > history_size ? history_size : seen_;
    send(client, history_ + begin, end - begin);
    if (begin > 0) send(client, history_, begin);
  }

  void remember(const char* data, size_t size) {
    for (size_t i = 0; i < size; ++i) history_[seen_++ % history_size] = data[i];
  }

  int listener_;
  int clients_[most];
  bool mute_[most] = {};
  char history_[history_size] = {};
  size_t seen_ = 0;
};

}  // namespace keeper
