create or replace function lab.derive_number(
    p_seed  bigint,
    p_nth   bigint,
    p_below integer
)
returns integer
language sql
immutable
strict
parallel safe
return ((('x' || substr(encode(sha256((p_seed::text || ',' || p_nth::text)::bytea), 'hex'), 1, 15))
         ::bit(60)::bigint) % p_below)::integer;

comment on function lab.derive_number(bigint, bigint, integer) is
$$The nth number of a seed, from 0 and below p_below: of the digest of both, the same on every machine.$$;
