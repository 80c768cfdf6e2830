// Texts to try the model on.

export interface Passage {
  title: string;
  text: string;
  questions: string[];
}

export const PASSAGES: Passage[] = [
  {
    title: 'The lighthouse',
    text: 'The lighthouse of Marrow Bay was built in 1874 by Agnes Holm, who also kept its lamp for thirty years. When she retired in 1904, her niece Ida Farrow took over. The lamp burned oil until 1931, when a cable was laid from the village and the flame gave way to an electric bulb.',
    questions: ['Who built the lighthouse?', 'When did Ida Farrow take over?', 'What did the lamp burn until 1931?', 'Who painted the lighthouse?'],
  },
  {
    title: 'Bees',
    text: 'A honey bee colony holds one queen, some hundred drones and up to sixty thousand workers. A worker that has found flowers returns to the hive and dances: the angle of her dance tells the direction relative to the sun, and its length the distance. Karl von Frisch decoded the dance and received the Nobel Prize in 1973.',
    questions: ['How many workers does a colony hold?', 'What does the length of the dance tell?', 'Who decoded the dance?'],
  },
  {
    title: 'The bridge',
    text: 'The stone bridge over the Lenna has nine arches. It was begun after the flood of 1612, which had carried away its wooden predecessor, and took eleven years. The toll that merchants paid, two pennies a cart, was spent on the town school. Since 1968 only people on foot and bicycles may cross it.',
    questions: ['Why was a new bridge begun?', 'How many arches does it have?', 'What was the toll spent on?'],
  },
]; // prettier-ignore
