#!/bin/sh
echo "a line that is longer than seventy characters <so that> its base64 & needs several lines"
exec sleep infinity
