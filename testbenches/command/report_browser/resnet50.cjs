// ResNet-50 at 224 x 224 (He et al., CVPR 2016) as a list for `basil synth`: 54 layers, shortcuts included.
"use strict";

function resnet50() {
  const layers = ["{name: conv1, C: 3, H: 224, K: 64, R: 7, stride: 2, pad: 3}"];
  let C = 64,
    H = 56;
  for (const [stage, [blocks, width]] of [
    [3, 64],
    [4, 128],
    [6, 256],
    [3, 512]
  ].entries()) {
    for (let block = 1; block <= blocks; ++block) {
      const name = `layer${stage + 1}.${block}`,
        stride = stage > 0 && block === 1 ? 2 : 1,
        K = 4 * width;
      layers.push(
        `{name: ${name}.conv1, C: ${C}, H: ${H}, K: ${width}, R: 1}`,
        `{name: ${name}.conv2, C: ${width}, H: ${H}, K: ${width}, R: 3, stride: ${stride}, pad: 1}`
      );
      if (block === 1)
        layers.push(`{name: ${name}.down, C: ${C}, H: ${H}, K: ${K}, R: 1, stride: ${stride}}`);
      H /= stride;
      layers.push(`{name: ${name}.conv3, C: ${width}, H: ${H}, K: ${K}, R: 1}`);
      C = K;
    }
  }
  layers.push("{name: fc, kind: fc, C: 2048, K: 1000}");
  return (
    "name: resnet50\nsource: shapes of He et al., CVPR 2016\nlayers:\n" +
    layers.map((layer) => `  - ${layer}\n`).join("")
  );
}

module.exports = {resnet50};
