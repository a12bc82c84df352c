create or replace function lab.hash_pack(
    p_pack lab.packs
)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select encode(sha256(convert_to(concat_ws(
               e'\n', p_pack.first_tick,
               (select string_agg((extract(epoch from e.at) * 1000000)::bigint::text, ',' order by e.nth)
                  from unnest(p_pack.ends_at) with ordinality as e (at, nth)),
               array_to_string(p_pack.opens, ',', '-'), array_to_string(p_pack.highs, ',', '-'),
               array_to_string(p_pack.lows, ',', '-'), array_to_string(p_pack.closes, ',', '-'),
               array_to_string(p_pack.volumes, ',', '-')), 'UTF8')), 'hex');
$function$;

comment on function lab.hash_pack(lab.packs) is
$$SHA-256 of a pack's instants (microseconds since 1970) and values; the same on every machine.$$;
