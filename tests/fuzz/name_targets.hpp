// What the fuzzer of names feeds: what people write for a model, a device or an address. Any bytes must end in an
// answer or a paramcount::Error; nothing is asked over the network.
#pragma once

#include <string>
#include <string_view>

#include "paramcount/base/error.hpp"
#include "paramcount/catalog/catalog.hpp"
#include "paramcount/catalog/device_name.hpp"
#include "paramcount/catalog/model_name.hpp"
#include "read/gguf_guess.hpp"
#include "remote/remote_name.hpp"
#include "remote/url.hpp"

namespace paramcount {

template <class Read>
void ends_in_answer_or_error(const Read& read) {
  try {
    read();
  } catch (const Error&) {
    return;
  }
}

/// What was taken apart goes together again to the same, and a path never leaves its repository.
inline void fuzz_remote_name(std::string_view text) {
  if (!is_remote(text)) return;
  const RemoteName name = parse_remote_name(text);
  if (name.kind != RemoteName::Kind::url && (name.repo.empty() || name.endpoint.empty())) __builtin_trap();
  for (const std::string& place : {name.path, name.repo}) {
    if (("/" + place + "/").find("/../") != std::string::npos) __builtin_trap();
  }
  if (name.revision.find("..") != std::string::npos) __builtin_trap();
  if (name.kind == RemoteName::Kind::url && parse_url(name.url).text() != name.url) __builtin_trap();
}

/// An address is the same after another reading, and a relative one stays at its host.
inline void fuzz_address(std::string_view text) {
  const Url base = parse_url("https://example.org/org/name/resolve/main/a.json?x=1");
  ends_in_answer_or_error([&] {
    const Url url = parse_url(text);
    const Url again = parse_url(url.text());
    if (again.origin() != url.origin() || again.path != url.path || again.query != url.query) __builtin_trap();
    if (is_loopback_host(url.host) && !is_private_host(url.host)) __builtin_trap();
  });
  ends_in_answer_or_error([&] {
    const Url there = resolve(base, text);
    const bool relative = text.find(':') == std::string_view::npos && !text.starts_with("//");
    if (relative && there.origin() != base.origin()) __builtin_trap();
  });
  ends_in_answer_or_error([&] {
    if (percent_decoded(percent_encoded(text)) != text) __builtin_trap();
  });
}

/// What needs no catalog, and so is a thousand times as fast.
inline void fuzz_names_elsewhere(std::string_view text) {
  ends_in_answer_or_error([&] { fuzz_remote_name(text); });
  fuzz_address(text);
}

inline void fuzz_name(std::string_view text) {
  static const Catalog catalog;
  fuzz_names_elsewhere(text);
  ends_in_answer_or_error([&] { static_cast<void>(find_named_model(text, catalog)); });
  ends_in_answer_or_error([&] { static_cast<void>(no_such_model(text, catalog)); });
  ends_in_answer_or_error([&] { static_cast<void>(find_device(text, catalog)); });
  for (const auto& id : devices_called(text, catalog)) {
    if (!catalog.find_device(id)) __builtin_trap();
  }
  if (likely_gguf_header(text) > std::uint64_t{16} << 20U) __builtin_trap();
}

}  // namespace paramcount
