#include "cli/app.hpp"

int main(int argc, char** argv) { return vmtool::cli::run(argc, argv); }
