# gnuplot -c comparison.gnuplot FOLDER: pictures of FOLDER/sizes.csv and FOLDER/churn.csv.
folder = ARG1
set datafile separator ","
set terminal pngcairo size 1000,720 font "sans,11"
set output folder . "/comparison.png"
set multiplot layout 2,2
set key top left
set grid
sizes = folder . "/sizes.csv"
churn = folder . "/churn.csv"
of(name, file) = sprintf("<grep '^%s,' %s", name, file)
array tables[3] = ["atoll", "kademlia", "chord"]

set logscale x 10
set xlabel "nodes"
set xrange [20:*]
set title "hops of a get, one holder"
set yrange [0:*]
plot for [i=1:3] of(tables[i], sizes) using 2:3 with linespoints lw 2 title tables[i]

set title "queries of a get and a put, key that everybody wants"
plot for [i=1:3] of(tables[i], sizes) using 2:6 with linespoints lw 2 title tables[i]

set title "requests a minute at the hottest node, the same key, 25 operations/s"
set logscale y 10
set yrange [10:*]
plot for [i=1:3] of(tables[i], sizes) using 2:8 with linespoints lw 2 title tables[i]

unset logscale y
set title "found, 200 nodes, provider alive"
set xlabel "nodes replaced in a minute, %"
set xrange [0.8:60]
set yrange [40:101]
set key bottom left
plot for [i=1:3] of(tables[i], churn) using 2:3 with linespoints lw 2 title tables[i]
unset multiplot
