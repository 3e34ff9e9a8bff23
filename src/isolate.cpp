#include "oci/app.hpp"

int main(int argc, char** argv) { return vmtool::oci::run(argc, argv); }
