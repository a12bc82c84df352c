create or replace function audit.get_last_anchor(
    p_engine_id text
)
returns audit.anchors
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select a.*
      from audit.anchors as a
     where a.engine_id = p_engine_id
     order by a.anchor_no desc
     limit 1;
$function$;

comment on function audit.get_last_anchor(text) is
$$The last anchor of an engine, or null.$$;
