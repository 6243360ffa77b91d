mod bills;
mod prices;
