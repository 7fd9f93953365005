"""What crashflow does with a crash: the pure core, the clients that touch the world, the steps that join them."""
