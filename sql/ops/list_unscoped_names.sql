create or replace function ops.list_unscoped_names(
    p_config jsonb
)
returns table (
    path    text,
    rule    text,
    problem text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with named as (
        select r.path, p_config #>> string_to_array(r.path, '.') as name,
               '_' || (p_config #>> string_to_array(r.path, '.')) || '_' as bounded,
               p_config #>> '{engine,engine_id}' as engine_id, p_config #>> '{engine,mode}' as mode
          from ops.list_config_rules() as r
         where starts_with(r.path, 'broker.keys_env.')
    )
    select n.path, 'ENV_NAME',
           format('must carry the engine %s and %s, so that no engine takes another''s keys', n.engine_id,
                  case n.mode when 'LIVE' then 'LIVE' else 'PAPER' end)
      from named as n
     where n.name is not null
       and (position('_' || n.engine_id || '_' in n.bounded) = 0
            or position(case n.mode when 'LIVE' then '_LIVE_' else '_PAPER_' end in n.bounded) = 0)
     union all
    select max(n.path), 'ENV_NAME', 'names the same variable as ' || min(n.path)
      from named as n
     where n.name is not null
     group by n.name
    having count(*) > 1;
$function$;

comment on function ops.list_unscoped_names(jsonb) is
$$Every broker key whose variable does not carry its engine and its mode (SHADOW has the keys of
PAPER), and two that are one.
Why: MAIN and EXP, paper and live, must not be able to share a key by a slip of the file.$$;
