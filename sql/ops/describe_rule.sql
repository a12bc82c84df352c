create or replace function ops.describe_rule(
    p_kind    text,
    p_low     numeric,
    p_high    numeric,
    p_choices text[]
)
returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
as $function$
    select case p_kind
        when 'choice' then 'one of ' || array_to_string(p_choices, ', ')
        when 'text' then format('text of %s to %s characters', p_low, p_high)
        when 'env' then 'the name of an environment variable: MQK_, ALPACA_, TWELVEDATA_ or DISCORD_'
        when 'array' then format('a list of %s to %s texts', p_low, p_high)
        when 'integer' then format('a whole number in %s to %s', p_low, p_high)
        when 'decimal' then format('a number in %s to %s', p_low, p_high)
        when 'boolean' then 'true or false'
        else 'an object' end;
$function$;

comment on function ops.describe_rule(text, numeric, numeric, text[]) is
$$A config rule in words.$$;
