\ir ../_setup.sql
begin;
select plan(9);

-- The digests were computed by coreutils' sha256sum.
select is(core.hash_text(''), 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
          'the hash of nothing is SHA-256''s');
select is(core.hash_text('a\b'), 'c62016d0f8ee333350283fd879b50b692932e932794e5d686f7d37d67484e199',
          'a backslash is hashed as itself');
select is(core.hash_text('é'), '4a99557e4033c3539de2eb65472017cad5f9557f7a0625a09f1c3f6e2ba69c4c',
          'text is hashed as UTF-8');

select is(
    core.format_canonical_json('{"b": [1, {"z": null, "a": "x\u00e9"}], "B": 1.50, "a": true, "é": ""}'),
    '{"B":1.50,"a":true,"b":[1,{"a":"xé","z":null}],"é":""}',
    'canonical json sorts keys by code point at every level, and drops white space');
select is(
    core.format_canonical_json(core.format_canonical_json('{"b":[],"a":{}}')::jsonb),
    '{"a":{},"b":[]}',
    'canonical json stays as it is');

select matches(core.derive_id('run', array['A', '1'])::text,
               '^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$',
               'a derived id is a UUID of version 8');
select is(core.derive_id('run', array['A', '1']), core.derive_id('run', array['A', '1']),
          'the same parts give the same id');
select isnt(core.derive_id('run', array['A', '1']), core.derive_id('intent', array['A', '1']),
            'another kind gives another id');
select is(core.derive_id('run', null), null, 'without parts there is no id');

select * from finish();
rollback;
