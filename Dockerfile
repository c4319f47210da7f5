# The binary is static and carries the built-in models and root certificates, so the image needs nothing else.
# goreleaser lays the binary that it made for each platform under the platform's name.
FROM --platform=$BUILDPLATFORM busybox AS data
RUN mkdir /data

FROM scratch
ARG TARGETPLATFORM
COPY ${TARGETPLATFORM}/tryall /tryall
COPY --from=data --chown=65532:65532 /data /data
ENV TRYALL_HOME=/data HF_HOME=/data/huggingface
VOLUME /data
USER 65532:65532
ENTRYPOINT ["/tryall"]
