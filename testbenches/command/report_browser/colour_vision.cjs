// How far apart two colours look, to usual eyes and to those that lack a kind of cone.
"use strict";

// Machado, Oliveira and Fernandes 2009, severity 1.0, on linear RGB.
const visions = {
  usual: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1]
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998]
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881]
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039]
  ]
};

const times = (matrix, vector) =>
  matrix.map((row) => row.reduce((sum, factor, i) => sum + factor * vector[i], 0));

// Of "#0072b2", 0 to 1 each.
function linear(hex) {
  return [1, 3, 5]
    .map((at) => parseInt(hex.slice(at, at + 2), 16) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
}

// CIE L*a*b* under D65.
function lab(rgb) {
  const toXyz = [
    [0.4124, 0.3576, 0.1805],
    [0.2126, 0.7152, 0.0722],
    [0.0193, 0.1192, 0.9505]
  ];
  const clamped = rgb.map((part) => Math.min(1, Math.max(0, part)));
  const [x, y, z] = times(toXyz, clamped)
    .map((part, i) => part / [0.9505, 1, 1.089][i])
    .map((part) => (part > 0.008856 ? Math.cbrt(part) : 7.787 * part + 16 / 116));
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

// The least CIE 1976 distance over all visions: {distance, vision}.
function leastDistance(one, other) {
  const distances = Object.entries(visions).map(([vision, matrix]) => {
    const [a, b] = [one, other].map((hex) => lab(times(matrix, linear(hex))));
    return {vision, distance: Math.hypot(...a.map((part, i) => part - b[i]))};
  });
  return distances.reduce((least, next) => (next.distance < least.distance ? next : least));
}

const lightness = (hex) => lab(linear(hex))[0];

module.exports = {leastDistance, lightness};
