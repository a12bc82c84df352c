create or replace function replay.list_digests(
    p_run_id   uuid,
    p_until_at timestamptz
)
returns table (
    table_name      text,
    stored_rows     bigint,
    replayed_rows   bigint,
    stored_digest   text,
    replayed_digest text,
    difference      text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with rows as materialized (
        select coalesce(s.table_name, f.table_name) as table_name,
               coalesce(s.row_key, f.row_key) collate "C" as row_key,
               s.row_data as stored, f.row_data as folded
          from (select * from replay.list_stored(p_run_id) where p_until_at is null) as s
          full join replay.fold_all(p_run_id, coalesce(p_until_at, 'infinity')) as f
            on (f.table_name, f.row_key) = (s.table_name, s.row_key)
    )
    select p.table_name, count(r.stored), count(r.folded),
           core.hash_text(coalesce(string_agg(r.stored::text, e'\n' order by r.row_key), '')),
           core.hash_text(coalesce(string_agg(r.folded::text, e'\n' order by r.row_key), '')),
           (array_agg(replay.format_difference(r.row_key, r.stored, r.folded) order by r.row_key)
            filter (where r.stored is distinct from r.folded))[1]
      from replay.places as p
      left join rows as r using (table_name)
     where p.place = 'STATE'
     group by p.table_name;
$function$;

comment on function replay.list_digests(uuid, timestamptz) is
$$Each table of a run's state: rows and SHA-256 as stored and as folded, and the first row that differs.
Why: the digests are those of the rows' jsonb texts in the order of their keys' bytes: no collation and no
time zone is in them.$$;
