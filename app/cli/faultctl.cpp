#include "app/cli/main_command.h"

int main(int argc, char** argv)
{
    return app::cli::run(argc, argv);
}
