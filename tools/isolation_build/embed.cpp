// embed FILE: writes the bytes of a file as the elements of a C++ array.
#include <cstdio>

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  std::FILE* const file = std::fopen(argv[1], "rb");
  if (file == nullptr) {
    std::perror(argv[1]);
    return 1;
  }
  unsigned column = 0;
  for (int byte = std::fgetc(file); byte != EOF; byte = std::fgetc(file)) {
    std::printf("0x%02x,%s", static_cast<unsigned>(byte), ++column % 20 == 0 ? "\n" : "");
  }
  std::fclose(file);
  return 0;
}
