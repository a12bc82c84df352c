create or replace function replay.format_difference(
    p_row_key text,
    p_stored  jsonb,
    p_folded  jsonb
)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $function$
    select p_row_key || ': ' || case
        when p_folded is null then 'stored, and the diary knows nothing of it'
        when p_stored is null then 'in the diary, and not stored'
        else (select string_agg(format('%s %s, replayed %s', c.name, coalesce(p_stored ->> c.name, 'null'),
                                       coalesce(p_folded ->> c.name, 'null')), '; ' order by c.name)
                from (select jsonb_object_keys(p_stored || p_folded)) as c (name)
               where p_stored -> c.name is distinct from p_folded -> c.name) end;
$function$;

comment on function replay.format_difference(text, jsonb, jsonb) is
$$What differs between a row as stored and as folded, by column; null: there is no such row.$$;
