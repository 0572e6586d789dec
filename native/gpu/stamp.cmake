# Writes at the top of kernels.ptx of which kernels.cu it is.
file(SHA256 "${FOLDER}/kernels.cu" source)
file(READ "${FOLDER}/kernels.ptx" text)
file(WRITE "${FOLDER}/kernels.ptx" "// Made from kernels.cu, SHA-256 ${source}; see there.\n${text}")
