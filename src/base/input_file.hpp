// A regular file of which parts are read. Read, not mapped: a file that another process truncates meanwhile must end in
// an error, not in SIGBUS.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace paramcount {

class InputFile {
 public:
  /// Throws Error "<path>: no such file" and the like; a folder, a pipe or a device is refused.
  explicit InputFile(const std::string& path);
  ~InputFile();
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;

  [[nodiscard]] std::uint64_t size() const { return size_; }
  [[nodiscard]] const std::string& path() const { return path_; }

  /// Exactly that many bytes. Throws Error "<path>: byte N: ..." when the file ends before.
  void read(std::uint64_t offset, char* to, std::size_t count) const;

 private:
  std::string path_;
  int descriptor_{-1};
  std::uint64_t size_{0};
};

}  // namespace paramcount
