// The profiles of the lesson.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import test from 'node:test';
import { readSquadRecords } from '../../src/squad/read';
import { chooseProfile, profileData, profileEncoder } from '../../src/lesson/profile';

test('the workshop is the default, and needs no network for its data', async () => {
  const profile = chooseProfile(undefined);
  assert.equal(profile.name, 'workshop');
  const { train, dev } = await profileData(profile);
  assert.ok(fs.existsSync(train) && fs.existsSync(dev));
  assert.ok(fs.existsSync(`${await profileEncoder(profile)}/model.safetensors`));
});

test('more data and more time are asked for by name; the course explores the part that all have', async () => {
  const [quick, full] = await Promise.all([
    profileData(chooseProfile('workshop')),
    profileData(chooseProfile('workshop-full')),
  ]);
  const read = (file: string) => readSquadRecords(file);
  assert.ok(read(full.train).length > read(quick.train).length);
  assert.deepEqual(read(full.train).slice(0, read(quick.train).length), read(quick.train));
  assert.deepEqual(read(quick.train).slice(0, read(quick.part).length), read(quick.part));
  assert.deepEqual([full.part, full.dev], [quick.part, quick.dev]);
  assert.match(chooseProfile('workshop-full').output, /[/\\]workshop-full-qa$/);
});

test('the lesson’s own is asked for by name or by environment', () => {
  assert.equal(chooseProfile('squad').encoder, 'distilbert-base-uncased');
  process.env.SPANLAB_PROFILE = 'squad';
  assert.equal(chooseProfile().learningRate, 5e-5);
  delete process.env.SPANLAB_PROFILE;
});

test('its model goes into models, or where SPANLAB_MODELS says', () => {
  assert.match(chooseProfile('workshop').output, /[/\\]models[/\\]workshop-qa$/);
  process.env.SPANLAB_MODELS = '/elsewhere';
  assert.equal(chooseProfile('squad').output, '/elsewhere/squad-qa');
  delete process.env.SPANLAB_MODELS;
});

test('an unknown profile is refused with the choices', () => {
  assert.throws(() => chooseProfile('toString'), { code: 'E_PROFILE', message: /workshop, workshop-full or squad/ });
});
