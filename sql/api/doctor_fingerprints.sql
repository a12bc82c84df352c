create or replace function api.doctor_fingerprints()
returns table (
    kind        text,
    name        text,
    source_hash text,
    fingerprint text
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $function$
    select f.kind, f.name, f.source_hash, f.fingerprint from core.list_fingerprints() as f;
$function$;

comment on function api.doctor_fingerprints() is
$$Every object of the house with its digests.$$;
