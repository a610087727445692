#!/usr/bin/env node
import '../mianzheng.mjs';
