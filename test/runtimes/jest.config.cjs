// Turns the ES modules that the package requires into CommonJS.
module.exports = {
  transform: { '\\.js$': ['babel-jest', { plugins: ['@babel/plugin-transform-modules-commonjs'] }] },
  transformIgnorePatterns: ['/node_modules/(?!(jose|nanoid)/)'],
};
