# The binary is static and carries the built-in models, so the image needs nothing else.
# goreleaser builds the image from the binary that it made for the platform.
FROM scratch
ARG TARGETPLATFORM
COPY ${TARGETPLATFORM:-.}/tryall /tryall
ENV TRYALL_HOME=/data HF_HOME=/data/huggingface
VOLUME /data
USER 65532:65532
ENTRYPOINT ["/tryall"]
