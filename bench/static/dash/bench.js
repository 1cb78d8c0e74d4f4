// The style function of the grids: reads the classes that the callback put into hideout.
window.bench = {
  style: (feature, context) => ({
    fillColor: context.hideout.colors[Number(context.hideout.classes[feature.properties.i])],
    color: "#55617A",
    weight: 0.5,
    fillOpacity: 0.7,
  }),
};
