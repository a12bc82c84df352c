create or replace function md.describe_raw(
    p_raw md.raws
)
returns jsonb
language sql
immutable
set search_path = pg_catalog, pg_temp
as $function$
    select to_jsonb(r) - 'body' || jsonb_build_object('bytes', octet_length(r.body))
      from (select (p_raw).*) as r;
$function$;

comment on function md.describe_raw(md.raws) is
$$A kept answer without its body.$$;
