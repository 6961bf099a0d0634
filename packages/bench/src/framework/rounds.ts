/**
 * Values of floor and product, in turns: each round does both, and every other round the product first, so that neither always
 * has the warmer machine.
 */
export async function inTurns(
  rounds: number,
  floor: () => Promise<number>,
  product: () => Promise<number>,
): Promise<{ floor: number[]; product: number[] }> {
  const values = { floor: [] as number[], product: [] as number[] }
  for (let round = 0; round < rounds; round++) {
    if (round % 2 === 0) values.floor.push(await floor())
    values.product.push(await product())
    if (round % 2 === 1) values.floor.push(await floor())
  }
  return values
}

/** The values of so many rounds. */
export async function repeat(rounds: number, once: () => Promise<number>): Promise<number[]> {
  const values: number[] = []
  for (let round = 0; round < rounds; round++) values.push(await once())
  return values
}
