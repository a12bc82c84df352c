create or replace function ops.is_config_value(
    p_value   jsonb,
    p_kind    text,
    p_low     numeric,
    p_high    numeric,
    p_choices text[]
)
returns boolean
language sql
immutable
set search_path = pg_catalog, pg_temp
as $function$
    select case
        when p_value is null or jsonb_typeof(p_value) = 'null' then false
        when p_kind = 'choice' then p_value #>> '{}' = any (p_choices)
        when p_kind = 'text' then
            jsonb_typeof(p_value) = 'string' and length(p_value #>> '{}') between p_low and p_high
        when p_kind = 'env' then
            jsonb_typeof(p_value) = 'string' and length(p_value #>> '{}') <= p_high
            and p_value #>> '{}' ~ '^(MQK_|ALPACA_|TWELVEDATA_|DISCORD_)[A-Z0-9_]+$'
        when p_kind = 'array' then
            jsonb_typeof(p_value) = 'array'
            and jsonb_array_length(p_value) between p_low and p_high
            and not jsonb_path_exists(p_value, '$[*] ? (@.type() <> "string")')
        when p_kind = 'object' then jsonb_typeof(p_value) = 'object'
        when p_kind = 'boolean' then jsonb_typeof(p_value) = 'boolean'
        when jsonb_typeof(p_value) <> 'number' then false
        else (p_value #>> '{}')::numeric between p_low and p_high
             and (p_kind = 'decimal' or (p_value #>> '{}')::numeric % 1 = 0)
             and scale(trim_scale((p_value #>> '{}')::numeric)) <= 6 end;
$function$;

comment on function ops.is_config_value(jsonb, text, numeric, numeric, text[]) is
$$Whether a config value is of its kind and within its bounds (inclusive).$$;
